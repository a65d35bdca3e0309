//! Kept rows, read: columns by their names, row groups left out by what they say of their values.
//!
//! Nothing is sniffed: who keeps the rows says what they are.

mod column;
mod events;
mod plan;
mod read;
mod rows;

pub(crate) use self::read::read;
