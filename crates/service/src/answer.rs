//! The way of an answer to its client: in chunks, a few of which wait until the client reads them, and no
//! longer than a query may take.

use std::sync::Arc;

use engine::Cancel;
use thiserror::Error;
use tokio::sync::{Semaphore, mpsc};

/// Chunks that wait for a client that reads slowly.
const CHUNKS_AHEAD: usize = 4;

/// An answer that has begun. The query ends when it is dropped.
pub(crate) struct Answer {
    chunks: mpsc::UnboundedReceiver<Result<String, CutOff>>,
    room: Arc<Semaphore>,
    query: Cancel,
}

/// Where the query puts its chunks.
pub(crate) struct Chunks {
    chunks: mpsc::UnboundedSender<Result<String, CutOff>>,
    /// For how many further ones there is room. Closed when nobody reads them any more.
    room: Arc<Semaphore>,
}

/// Ends the wait for a client that does not read.
pub(crate) struct Patience(Arc<Semaphore>);

/// An answer that its client did not read in time.
#[derive(Debug, Error)]
#[error("the answer was not read in time")]
pub(crate) struct CutOff;

/// The client went away, or does not read.
#[derive(Debug)]
pub(crate) struct Gone;

/// Makes the two ends of an answer.
///
/// - `query`: what is cancelled when the client goes away.
pub(crate) fn channel(query: Cancel) -> (Chunks, Answer) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let room = Arc::new(Semaphore::new(CHUNKS_AHEAD));
    let chunks = Chunks { chunks: sender, room: Arc::clone(&room) };
    (chunks, Answer { chunks: receiver, room, query })
}

impl Answer {
    /// Waits for the next bytes; `None` behind the last ones.
    pub(crate) async fn next(&mut self) -> Option<Result<String, CutOff>> {
        let chunk = self.chunks.recv().await;
        self.room.add_permits(1);
        chunk
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.query.cancel();
        self.room.close();
    }
}

impl Chunks {
    /// Sends a chunk when there is room for it. Blocks the thread until then.
    pub(crate) fn send(&self, chunk: String) -> Result<(), Gone> {
        let room = futures::executor::block_on(self.room.acquire()).map_err(|_| Gone)?;
        room.forget();
        self.chunks.send(Ok(chunk)).map_err(|_| Gone)
    }

    /// Has the client know that what has come is not all: its connection ends without the end of the answer.
    pub(crate) fn cut_off(&self) {
        // It may have gone.
        let _gone = self.chunks.send(Err(CutOff));
    }

    /// Returns what ends the wait.
    pub(crate) fn patience(&self) -> Patience {
        Patience(Arc::clone(&self.room))
    }
}

impl Patience {
    /// Waits no more.
    pub(crate) fn end(&self) {
        self.0.close();
    }
}
