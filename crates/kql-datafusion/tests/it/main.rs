//! Queries from their text to their rows: examples of functions, the literate spec, recorded
//! answers of Microsoft's engine.

mod conformance;
mod examples;
mod plans;
mod runner;
mod spec;
mod tables;
mod values;
