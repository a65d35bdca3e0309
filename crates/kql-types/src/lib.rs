//! KQL's value types and their encodings, shared by every stage.
//!
//! In: nothing of ours. Out: [`KqlType`], [`Value`], [`Column`] lists of tables, and the tick
//! arithmetic of datetime and timespan. Knows neither Arrow nor the language.

pub mod schema;
mod ty;
mod value;

pub use crate::{
    ty::KqlType,
    value::{Ticks, Value},
};
