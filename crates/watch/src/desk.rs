//! What people who look into alerts ask of a watch, beside what its [`Book`] has: the records of an alert, what is
//! known of its rule, the questions of the guide, what an exception would hide, and a query's stages.
//!
//! Reads the lake and the state, and changes neither.

mod paths;
mod preview;
mod queue;
mod records;
mod rule_page;
mod stages;
mod stored;

use std::{collections::BTreeMap, fmt, sync::Arc};

use engine::{Diagnostic, EngineError, Settings};
use lake::{Lake, LakeError};
use serde::Serialize;
use state::StateError;
use thiserror::Error;

pub use self::{
    paths::{Paths, PathsError},
    preview::{HiddenRow, PreviewRow},
    queue::{QueueAlertRow, QueueIncidentRow, QueueRow},
    records::RecordRow,
    rule_page::{BehaviourRow, ChangeRow, RulePage, SeenRow},
    stages::StageRow,
};
use crate::{book::Book, rules::Rules, running::Observed};

/// Answers people who look into alerts.
pub struct Desk {
    lake: Arc<Lake>,
    book: Book,
    observed: Observed,
    settings: Settings,
}

/// A question that has no answer.
#[derive(Debug, Error)]
pub enum DeskError {
    /// The lake failed.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// The state failed.
    #[error(transparent)]
    State(#[from] StateError),
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// There is no such alert.
    #[error("there is no alert `{0}`")]
    NoAlert(String),
    /// There is no such rule among those that are watched with.
    #[error("there is no rule `{0}` that is watched with")]
    NoRule(String),
    /// The watch has not begun.
    #[error("the watch has not begun")]
    NotBegun,
    /// What was asked for is not as it should be.
    #[error("{0}")]
    Wrong(String),
    /// A query does not run.
    #[error("the query does not run")]
    Refused(Vec<Diagnostic>),
}

/// A question of the investigation guide, filled in for an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct QuestionRow {
    /// The question.
    pub ask: String,
    /// What its answer tells.
    pub tells: String,
    /// The query that helps to answer it.
    pub query: String,
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").field("lake", &self.lake).finish_non_exhaustive()
    }
}

impl Desk {
    /// Makes what answers, of a lake and what watches it.
    pub const fn new(lake: Arc<Lake>, book: Book, observed: Observed, settings: Settings) -> Self {
        Self { lake, book, observed, settings }
    }

    /// Returns the questions of the guide that an alert has enough for, in the order in which to ask them.
    ///
    /// # Errors
    ///
    /// If there is no such alert, or the state fails.
    pub fn questions(&self, alert: &str) -> Result<Vec<QuestionRow>, DeskError> {
        let row = self.book.alert(alert)?.ok_or_else(|| DeskError::NoAlert(alert.to_owned()))?;
        let rules = self.rules()?;
        let columns: BTreeMap<String, String> = stored::columns(&row.alert)
            .map(|(name, value)| (name.clone(), stored::text(value)))
            .collect();
        let filled = rules.content.guide.iter().flat_map(|guide| guide.fill(&columns));
        let question = |it: detection::investigation::FilledQuestion| QuestionRow {
            ask: it.ask,
            tells: it.tells,
            query: it.query,
        };
        Ok(filled.map(question).collect())
    }

    fn rules(&self) -> Result<Arc<Rules>, DeskError> {
        self.observed.current_rules().ok_or(DeskError::NotBegun)
    }
}
