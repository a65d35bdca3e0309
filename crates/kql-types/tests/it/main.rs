//! The text forms against what Microsoft's engine was recorded to print and to read.

#![expect(clippy::unwrap_used, reason = "what is recorded has to be readable")]

mod conformance;
