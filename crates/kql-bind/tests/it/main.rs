//! Tests of the binder as its callers see it.

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod differences;
#[cfg(test)]
mod environment;
#[cfg(test)]
mod realworld;
#[cfg(test)]
mod reference;
