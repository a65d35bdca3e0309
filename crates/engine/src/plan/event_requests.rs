//! What all branches ask of Windows events, as few requests as there are kinds of events.
//!
//! Branches over events of one id share a request: it has the columns of all of them, and accepts
//! what any does. Branches over other events have another one, so that an event is decoded into the
//! columns that its kind has, and its rows are looked at by nobody whom they do not concern. A branch
//! over several kinds is fed by their requests where there are such, so that no event is decoded
//! twice.

use std::collections::{BTreeMap, BTreeSet};

use evtx_arrow::{EventColumn, EventFilter, EventRequest};

/// The requests under construction.
#[derive(Debug, Default)]
pub(crate) struct EventRequests {
    requests: Vec<Asked>,
    /// The requests that feed each branch, by its index among those given.
    feeds: BTreeMap<usize, Vec<usize>>,
}

/// One request, and what its branches have in common.
#[derive(Debug)]
struct Asked {
    kind: Kind,
    columns: Vec<EventColumn>,
    filters: Vec<EventFilter>,
}

/// The events that a request is about.
#[derive(Clone, Debug, PartialEq)]
enum Kind {
    /// Those of one id.
    Id(u32),
    /// Those that filters accept which have these conditions on the header. None are all.
    Headers(Vec<EventFilter>),
}

impl EventRequests {
    /// Decides on the requests. Each branch is given by its number and its filters, of which none
    /// asks for every event.
    pub(crate) fn new(branches: &BTreeMap<usize, Vec<EventFilter>>) -> Self {
        let sole = |filters: &Vec<EventFilter>| {
            let ids = event_ids(filters)?;
            ids.first().copied().filter(|_| ids.len() == 1)
        };
        let kinds: BTreeSet<u32> = branches.values().filter_map(sole).collect();
        let mut requests = Self::default();
        for (branch, filters) in branches {
            let ids = event_ids(filters).filter(|ids| !ids.is_empty() && ids.is_subset(&kinds));
            let feeds = match ids {
                Some(ids) => {
                    let of_id = |id| {
                        requests.feed(Kind::Id(id), filters.iter().filter_map(|it| only(it, id)))
                    };
                    ids.into_iter().map(of_id).collect()
                }
                None => {
                    vec![requests.feed(Kind::Headers(headers(filters)), filters.iter().cloned())]
                }
            };
            requests.feeds.insert(*branch, feeds);
        }
        requests
    }

    /// Returns the indices of the requests that bring a branch its events.
    pub(crate) fn of(&self, branch: usize) -> Vec<usize> {
        self.feeds.get(&branch).cloned().unwrap_or_default()
    }

    /// Returns the columns that are asked for in a request so far.
    pub(crate) fn columns(&mut self, request: usize) -> Option<&mut Vec<EventColumn>> {
        self.requests.get_mut(request).map(|asked| &mut asked.columns)
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
        self.requests.into_iter().map(finish).collect()
    }

    /// Returns the index of the request for a kind of events, which from now on accepts what these
    /// filters do.
    fn feed(&mut self, kind: Kind, filters: impl Iterator<Item = EventFilter>) -> usize {
        let known = self.requests.iter().position(|asked| asked.kind == kind);
        let index = known.unwrap_or_else(|| {
            self.requests.push(Asked { kind, columns: Vec::new(), filters: Vec::new() });
            self.requests.len().saturating_sub(1)
        });
        if let Some(asked) = self.requests.get_mut(index) {
            for filter in filters {
                if !asked.filters.contains(&filter) {
                    asked.filters.push(filter);
                }
            }
        }
        index
    }
}

/// Returns the ids of the events that filters accept; `None` if those of any id may be among them.
fn event_ids(filters: &[EventFilter]) -> Option<BTreeSet<u32>> {
    if filters.is_empty() {
        return None;
    }
    let ids = filters.iter().map(|filter| filter.event_ids.as_ref());
    let ids = ids.collect::<Option<Vec<_>>>()?;
    Some(ids.into_iter().flatten().copied().collect())
}

/// Returns what a filter accepts of events with an id; `None` if it accepts no event with it.
fn only(filter: &EventFilter, id: u32) -> Option<EventFilter> {
    let accepts = filter.event_ids.as_ref().is_none_or(|ids| ids.contains(&id));
    accepts.then(|| EventFilter { event_ids: Some(vec![id]), ..filter.clone() })
}

/// Returns the filters without their conditions on the data, each once.
fn headers(filters: &[EventFilter]) -> Vec<EventFilter> {
    let mut headers: Vec<EventFilter> = Vec::new();
    for filter in filters {
        let header = header(filter);
        if !headers.contains(&header) {
            headers.push(header);
        }
    }
    headers
}

/// Returns a filter without its conditions on the data.
fn header(filter: &EventFilter) -> EventFilter {
    EventFilter { data: Vec::new(), ..filter.clone() }
}

#[cfg(test)]
mod tests {
    use evtx_arrow::{DataCondition, Needles};

    use super::*;

    fn filter(ids: &[u32], needle: Option<&str>) -> EventFilter {
        let condition = |needle: &str| DataCondition {
            paths: vec![vec!["CommandLine".to_owned()]],
            needles: Needles::new(vec![needle.to_owned()]),
        };
        EventFilter {
            event_ids: Some(ids.to_vec()),
            data: needle.map(condition).into_iter().collect(),
            ..EventFilter::default()
        }
    }

    fn requests(branches: &[&[EventFilter]]) -> EventRequests {
        let branches = branches.iter().map(|filters| filters.to_vec());
        EventRequests::new(&branches.enumerate().collect())
    }

    fn filters(requests: EventRequests) -> Vec<Vec<EventFilter>> {
        requests.finish().into_iter().map(|request| request.filters).collect()
    }

    #[test]
    fn branches_over_the_same_events_share_a_request() {
        let asked = [filter(&[1], Some("a")), filter(&[1], Some("b")), filter(&[3], None)];
        let requests = requests(&[&asked[..1], &asked[1..2], &asked[2..]]);
        assert_eq!([0, 1, 2].map(|branch| requests.of(branch)), [[0], [0], [1]]);
        assert_eq!(filters(requests), [asked[..2].to_vec(), asked[2..].to_vec()]);
    }

    #[test]
    fn a_branch_over_several_kinds_is_fed_by_the_requests_there_are() {
        let requests =
            requests(&[&[filter(&[1], None)], &[filter(&[1, 3], None)], &[filter(&[3], None)]]);
        assert_eq!(requests.of(1), [0, 1]);
        assert_eq!(filters(requests), [[filter(&[1], None)], [filter(&[3], None)]]);
    }

    #[test]
    fn a_branch_over_several_kinds_has_its_own_request_if_nobody_asks_for_one_of_them() {
        let requests = requests(&[&[filter(&[1], None)], &[filter(&[1, 3], None)]]);
        assert_eq!(requests.of(1), [1]);
        assert_eq!(filters(requests), [[filter(&[1], None)], [filter(&[1, 3], None)]]);
    }

    #[test]
    fn one_branch_without_conditions_on_the_data_opens_the_request() {
        let requests = requests(&[&[filter(&[1], Some("a"))], &[filter(&[1], None)]]);
        assert_eq!(filters(requests), [[filter(&[1], None)]]);
    }

    #[test]
    fn a_branch_without_filters_has_a_request_without_filters() {
        let requests = requests(&[&[filter(&[1], None)], &[]]);
        assert_eq!(requests.of(1), [1]);
        assert_eq!(filters(requests), [vec![filter(&[1], None)], vec![]]);
    }
}
