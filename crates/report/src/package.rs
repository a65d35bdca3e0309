//! A package for people: its pages, and what came of its tests.

pub mod pages;
pub mod test_report;
