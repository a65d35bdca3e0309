//! Sentinel's semantics, each documented line of them by name.

#![expect(clippy::arithmetic_side_effects, reason = "tests compute the times of made rows")]

#[cfg(test)]
mod alerts;
#[cfg(test)]
mod custom_detections;
#[cfg(test)]
mod details;
#[cfg(test)]
mod documentation;
#[cfg(test)]
mod entities;
mod failures;
#[cfg(test)]
mod incidents;
#[cfg(test)]
mod made;
#[cfg(test)]
mod suppression;
#[cfg(test)]
mod tables;
