//! Every figure reaches its bar, and every difference has a reason.

#[cfg(test)]
mod language;
