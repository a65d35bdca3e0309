//! Every figure reaches its bar, and every difference has a reason.

#[cfg(all(test, feature = "engine"))]
mod docgen;
#[cfg(test)]
mod language;
