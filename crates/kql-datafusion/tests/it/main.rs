//! Queries from their text to their rows: examples of functions, the literate spec, recorded
//! answers of Microsoft's engine.

#[cfg(test)]
mod examples;
#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "numbers of a few rows")]
mod graph_paths;
#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "numbers of a few rows")]
mod graph_reference;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod plans;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod realworld;
#[cfg(test)]
mod runner;
#[cfg(test)]
mod saved_functions;
#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "numbers of a few rows")]
mod scan_reference;
#[cfg(test)]
mod table_properties;
#[cfg(test)]
mod tables;
#[cfg(test)]
mod values;
