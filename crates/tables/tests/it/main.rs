//! What the data of this crate has to agree with: the published schemas, and itself.

// `cfg(test)` is what tells clippy that their helpers may panic, too.
#[cfg(test)]
mod shared_schemas;
#[cfg(test)]
mod views;
