//! Tests of the parser through its public interface.

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod nesting;
