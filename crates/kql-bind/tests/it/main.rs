//! Tests of the binder as its callers see it.

#[cfg(test)]
mod diagnostics;
#[cfg(test)]
mod environment;
#[cfg(test)]
mod invariants;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod merging;
#[cfg(test)]
mod narrowing;
#[cfg(test)]
mod pruning;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod simplified;
#[cfg(test)]
mod trees;
#[cfg(test)]
mod views;
