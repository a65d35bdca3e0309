//! Integration tests of `lake`.

#[cfg(test)]
mod made;
#[cfg(test)]
mod maintained;
#[cfg(test)]
mod once;
#[cfg(test)]
mod turns;
