//! Integration tests of `lake`.

#[cfg(test)]
mod made;
#[cfg(test)]
mod once;
