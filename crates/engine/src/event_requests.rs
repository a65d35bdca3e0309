//! What all branches ask of Windows events, as few requests as there are kinds of events.
//!
//! Branches whose filters name the same providers and event ids share a request: it has the columns
//! of all of them, and accepts what any of them does. Branches over other events have another one,
//! so that an event is decoded into the columns that its kind has, and its rows are looked at by
//! nobody whom they do not concern.

use std::collections::BTreeMap;

use evtx_arrow::{EventColumn, EventFilter, EventRequest};

/// The requests under construction.
#[derive(Debug, Default)]
pub(crate) struct EventRequests {
    /// By their index.
    requests: BTreeMap<usize, Asked>,
}

/// One request, and what its branches have in common.
#[derive(Debug, Default)]
struct Asked {
    /// The conditions on the event's header.
    headers: Vec<EventFilter>,
    columns: Vec<EventColumn>,
    filters: Vec<EventFilter>,
}

impl EventRequests {
    /// Returns the index of the request for a branch with these filters, and the columns asked for
    /// so far. No filters ask for every event.
    pub(crate) fn of(&mut self, filters: &[EventFilter]) -> (usize, &mut Vec<EventColumn>) {
        let mut headers: Vec<EventFilter> = Vec::new();
        for filter in filters {
            let header = header(filter);
            if !headers.contains(&header) {
                headers.push(header);
            }
        }
        let mut known = self.requests.iter();
        let known = known.find(|(_, asked)| asked.headers == headers).map(|(index, _)| *index);
        let index = known.unwrap_or(self.requests.len());
        let asked = self.requests.entry(index).or_default();
        asked.headers = headers;
        for filter in filters {
            if !asked.filters.contains(filter) {
                asked.filters.push(filter.clone());
            }
        }
        (index, &mut asked.columns)
    }

    /// Returns the requests.
    pub(crate) fn finish(self) -> Vec<EventRequest> {
        let finish = |Asked { columns, mut filters, .. }: Asked| {
            // A filter without conditions on the data accepts what those with them do.
            let open: Vec<EventFilter> =
                filters.iter().filter(|filter| filter.data.is_empty()).cloned().collect();
            filters.retain(|filter| filter.data.is_empty() || !open.contains(&header(filter)));
            EventRequest { columns, filters }
        };
        self.requests.into_values().map(finish).collect()
    }
}

/// Returns a filter without its conditions on the data.
fn header(filter: &EventFilter) -> EventFilter {
    EventFilter { data: Vec::new(), ..filter.clone() }
}

#[cfg(test)]
mod tests {
    use evtx_arrow::{DataCondition, Needles};

    use super::*;

    fn filter(id: u32, needle: Option<&str>) -> EventFilter {
        let condition = |needle: &str| DataCondition {
            paths: vec![vec!["CommandLine".to_owned()]],
            needles: Needles::new(vec![needle.to_owned()]),
        };
        EventFilter {
            event_ids: Some(vec![id]),
            data: needle.map(condition).into_iter().collect(),
            ..EventFilter::default()
        }
    }

    #[test]
    fn branches_over_the_same_events_share_a_request() {
        let mut requests = EventRequests::default();
        let filters = [filter(1, Some("a")), filter(1, Some("b")), filter(3, None)];
        let indices = filters.each_ref().map(|filter| requests.of(std::slice::from_ref(filter)).0);
        assert_eq!(indices, [0, 0, 1]);
        let filters: Vec<_> = requests.finish().into_iter().map(|it| it.filters.len()).collect();
        assert_eq!(filters, [2, 1]);
    }

    #[test]
    fn one_branch_without_conditions_on_the_data_opens_the_request() {
        let mut requests = EventRequests::default();
        requests.of(&[filter(1, Some("a"))]);
        requests.of(&[filter(1, None)]);
        let filters: Vec<_> = requests.finish().into_iter().map(|it| it.filters).collect();
        assert_eq!(filters, [[filter(1, None)]]);
    }

    #[test]
    fn a_branch_without_filters_has_a_request_without_filters() {
        let mut requests = EventRequests::default();
        requests.of(&[filter(1, None)]);
        assert_eq!(requests.of(&[]).0, 1);
        assert!(requests.finish()[1].filters.is_empty());
    }
}
