//! Rules on the real clock, over a lake that fills.

#![cfg(test)]
#![expect(clippy::arithmetic_side_effects, reason = "tests compute the times of a day")]

mod made;
mod watched;
