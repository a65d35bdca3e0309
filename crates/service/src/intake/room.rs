//! Room for what has been received and is not in the lake: a number of bytes, past which nothing more is taken.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use thiserror::Error;

/// Bytes that may be held at a time.
#[derive(Debug)]
pub(crate) struct Room {
    held: AtomicUsize,
    most: usize,
}

/// Bytes that somebody holds; they are given back when this is dropped.
#[derive(Debug)]
pub(crate) struct Held {
    room: Arc<Room>,
    bytes: usize,
}

/// There is no room for more until something of what is held is in the lake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{most} bytes wait to be put into the lake, and no more are taken")]
pub(crate) struct Full {
    /// Bytes that there is room for.
    most: usize,
}

impl Room {
    pub(crate) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { held: AtomicUsize::new(0), most })
    }

    /// Holds nothing yet.
    pub(crate) fn enter(self: &Arc<Self>) -> Held {
        Held { room: Arc::clone(self), bytes: 0 }
    }

    /// Returns how many bytes are held.
    pub(crate) fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }
}

impl Held {
    /// Holds more.
    ///
    /// # Errors
    ///
    /// If there is no room for them.
    pub(crate) fn grow(&mut self, bytes: usize) -> Result<(), Full> {
        self.grow_if(bytes, false)
    }

    /// Holds more, also more than there is room for if nobody holds anything: what cannot be taken in parts
    /// would wait for ever.
    ///
    /// # Errors
    ///
    /// If there is no room for them.
    pub(crate) fn grow_to_whole(&mut self, bytes: usize) -> Result<(), Full> {
        self.grow_if(bytes, true)
    }

    fn grow_if(&mut self, bytes: usize, is_whole: bool) -> Result<(), Full> {
        let most = self.room.most;
        let grown = |held: usize| {
            let fits = |grown: &usize| *grown <= most || is_whole && held == 0;
            held.checked_add(bytes).filter(fits)
        };
        let held = self.room.held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, grown);
        held.map_err(|_| Full { most })?;
        self.bytes = self.bytes.saturating_add(bytes);
        Ok(())
    }
}

impl Held {
    /// Holds what another one held.
    pub(crate) fn join(&mut self, mut other: Self) {
        self.bytes = self.bytes.saturating_add(std::mem::take(&mut other.bytes));
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.room.held.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_back_can_be_held_again() {
        let room = Room::new(10);
        let (mut one, mut other) = (room.enter(), room.enter());
        one.grow(4).unwrap();
        one.grow(4).unwrap();
        assert_eq!(other.grow(3), Err(Full { most: 10 }));
        other.grow(2).unwrap();
        assert_eq!(room.held(), 10);
        drop(one);
        other.grow(8).unwrap();
        assert!(other.grow(usize::MAX).is_err() && other.grow_to_whole(11).is_err());
        drop(other);
        assert_eq!(room.held(), 0);
        room.enter().grow_to_whole(11).unwrap();
        assert_eq!(room.held(), 0);
    }
}
