//! Hops and paths of made alerts.

#![expect(clippy::arithmetic_side_effects, reason = "small numbers")]

#[cfg(test)]
mod context;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod hops;
#[cfg(test)]
mod paths;
#[cfg(test)]
mod properties;
