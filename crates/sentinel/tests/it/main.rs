//! Sentinel's semantics, each documented line of them by name.

mod alerts;
mod details;
mod entities;
mod incidents;
mod made;
mod suppression;
mod tables;
