//! Rules on the real clock: when new rows have come in, looks at the runs that see them, and keeps what they
//! find.
//!
//! In: a [`lake::Lake`] that fills, and [`Rules`]. Out: alerts, each once, and the incidents they become, in
//! the [`state::State`] and as rows of `SecurityAlert`, `SecurityIncident` and `SentinelHealth` in the lake;
//! and whatever [`Sink`]s take further. What it finds is what a hunt over the lake finds: rows that come late,
//! or are of last year, are seen by the runs of their time, which are looked at then. Asks no clock.
//!
//! A look goes from what is pending, over a hunt, to one change of the state that has all of it: alerts,
//! incidents, the account of the runs, and what is to be delivered. A process that ends at any point either
//! has looked or has not.

mod book;
mod deliveries;
mod delivery;
mod desk;
mod error;
mod exceptions;
mod incidents;
mod intervals;
mod look;
mod pending;
mod raised;
mod rules;
mod running;
mod sink;
mod watch;

pub use crate::{
    book::{AlertRow, AlertsWanted, Book, RuleRow, RunRow},
    deliveries::{Outbox, WaitingRow},
    delivery::Delivery,
    desk::{
        BehaviourRow, ChangeRow, Desk, DeskError, HiddenRow, Paths, PathsError, PreviewRow,
        QuestionRow, QueueAlertRow, QueueIncidentRow, QueueRow, RecordRow, RulePage, SeenRow,
        StageRow,
    },
    error::WatchError,
    exceptions::ExceptionRow,
    incidents::{CommentRow, IncidentChange, IncidentRow, StepRow},
    rules::{Content, PlaybookStep, Refused, Rules},
    running::{Observed, RefusedRow, RuleSource, Status, run},
    sink::{FileSink, HttpForm, HttpSink, LakeSink, Sink, SinkError, SyslogSink},
    watch::{Looked, Stop, Watch},
};
