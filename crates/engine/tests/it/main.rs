//! Queries over real and made logs: what the built-in tables make of them. Queries without input: the
//! literate spec, recorded answers of Microsoft's engine.

#![cfg_attr(test, expect(clippy::arithmetic_side_effects, reason = "counts of small files"))]

#[cfg(test)]
mod answer;
#[cfg(test)]
mod asim;
#[cfg(test)]
mod cloud_tables;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod duplicates;
#[cfg(test)]
mod joins;
#[cfg(test)]
mod looks;
#[cfg(test)]
mod mappings;
#[cfg(test)]
mod one_pass;
#[cfg(test)]
mod open_columns;
#[cfg(test)]
mod pipelines;
#[cfg(test)]
mod plain;
mod problems;
#[cfg(test)]
mod spec;
#[cfg(test)]
mod traps;
