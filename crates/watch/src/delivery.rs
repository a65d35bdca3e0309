//! Something that has to go somewhere.

use kql_types::Ticks;
use serde::Serialize;

use crate::book::{maybe_time, time};

/// The sink that the lake is.
pub(crate) const LAKE: &str = "lake";

/// Something that has to go to a sink.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// Its number.
    pub number: i64,
    /// The sink's name.
    pub sink: String,
    /// What tells it from others of the sink; an alert's is its id.
    pub identity: String,
    /// What goes there.
    #[serde(skip)]
    pub body: String,
    /// Since when it is there.
    #[serde(serialize_with = "time")]
    pub created: Ticks,
    /// How often it has been tried.
    pub tries: u32,
    /// When it is tried next.
    #[serde(serialize_with = "time")]
    pub next_try: Ticks,
    /// Why the last try failed.
    pub error: Option<String>,
    /// When it had gone.
    #[serde(serialize_with = "maybe_time")]
    pub delivered: Option<Ticks>,
}
