//! Mistakes that people make, and what they are told.

mod brackets;
mod foreign;
mod literals;
mod structure;
mod text;
