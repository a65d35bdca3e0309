//! Queries over real and made logs: what the built-in tables make of them.

#![cfg_attr(test, expect(clippy::arithmetic_side_effects, reason = "counts of small files"))]

#[cfg(test)]
mod answer;
#[cfg(test)]
mod asim;
#[cfg(test)]
mod duplicates;
#[cfg(test)]
mod looks;
#[cfg(test)]
mod mappings;
#[cfg(test)]
mod one_pass;
#[cfg(test)]
mod traps;
