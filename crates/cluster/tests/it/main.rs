//! Workers over a lake: the same answer whoever reads, and what happens when one is not what it should be.

#[cfg(test)]
mod failures;
#[cfg(test)]
mod handshake;
#[cfg(test)]
mod made;
#[cfg(test)]
mod same;
