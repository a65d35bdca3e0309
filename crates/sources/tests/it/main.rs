//! Integration tests of `sources`.

mod archives;
mod bad_input;
mod balance;
mod collect;
mod export;
mod logs;
mod same_event;
mod shapes;
