//! What a query reads: for saying, before or without running it, whether an input has any of it.

use evtx_arrow::EventFilter;
use sources::EVENTS;

use super::Engine;
use crate::{
    error::EngineError,
    plan::{branch, pushdown},
    query::compile::CompiledQuery,
};

/// One of the tables that a query reads, and of events which ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The raw table.
    pub table: String,
    /// Of events: the kinds of which one has to be there, empty if any event will do.
    pub events: Vec<EventFilter>,
}

impl Need {
    /// Tells whether an event of that kind, in that channel, may be one that is needed.
    pub fn may_be(&self, provider: &str, event_id: u32, channel: &str) -> bool {
        let fits = |filter: &EventFilter| {
            let is_among = |texts: &Option<Vec<String>>, text: &str| {
                texts
                    .as_ref()
                    .is_none_or(|texts| texts.iter().any(|t| t.eq_ignore_ascii_case(text)))
            };
            is_among(&filter.providers, provider)
                && is_among(&filter.channels, channel)
                && filter.event_ids.as_ref().is_none_or(|ids| ids.contains(&event_id))
        };
        self.table == EVENTS && (self.events.is_empty() || self.events.iter().any(fits))
    }
}

impl Engine {
    /// Returns what a query reads, leaf by leaf of its plan.
    ///
    /// # Errors
    ///
    /// If the query cannot be planned.
    pub fn needs(&self, query: &CompiledQuery) -> Result<Vec<Need>, EngineError> {
        let mut branches = Vec::new();
        for result in &query.results {
            let plan = self.optimized(&result.plan)?;
            branch::collect(&plan, &mut branches)?;
        }
        let need = |branch: &branch::Branch| Need {
            table: branch.table.to_string(),
            events: pushdown::event_filters(&branch.conjuncts, &branch.columns),
        };
        Ok(branches.iter().map(need).collect())
    }
}
