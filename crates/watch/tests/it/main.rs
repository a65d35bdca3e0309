//! Rules on the real clock, over a lake that fills.

#![cfg(test)]

mod made;
mod watched;
