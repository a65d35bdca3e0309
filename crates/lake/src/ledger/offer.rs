//! What is offered to a lake, and what makes it the same as what was offered before.

use std::{
    fmt::Write,
    io::{self, Read},
};

use sha2::{Digest, Sha256};
use sources::{Input, Piece};

/// An input that is offered to a lake.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The input.
    pub input: Input,
    /// What makes it the same as one that was offered before.
    pub identity: Identity,
    /// Which part of a whole it is.
    pub piece: Piece,
}

/// What makes an offer the same as one that was made before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// What the input holds.
    Content,
    /// A sender's own name for it.
    Name(String),
    /// Where it follows on in a stream. Of all that is offered behind a place of a stream one comes in, so
    /// that what is in follows one on the other, without a gap and without a record that is in twice,
    /// whoever offers what how often.
    Behind {
        /// The stream.
        stream: String,
        /// The place that it starts at; nothing has been read of a stream at place 0.
        start: u64,
        /// Where the stream goes on.
        end: Cursor,
    },
}

/// A place in a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The place as a number, which is the greater the more has been read.
    pub position: u64,
    /// What whoever reads the stream has to know to go on there, as a JSON object.
    pub state: String,
}

impl From<Input> for Offer {
    fn from(input: Input) -> Self {
        Self { input, identity: Identity::Content, piece: Piece::Whole }
    }
}

/// Returns what tells an offer of a name from others.
pub(crate) fn digest_of_name(name: &str) -> String {
    // No file has it: what stands before the name is not part of any.
    hexadecimal(&Sha256::new().chain_update(b"identity\0").chain_update(name).finalize())
}

/// Returns what tells an offer from others, and the length of its input.
pub(crate) fn identity_of(offer: &Offer) -> io::Result<(String, u64)> {
    let digest = match &offer.identity {
        Identity::Content => return digest_of(&offer.input),
        Identity::Name(name) => digest_of_name(name),
        Identity::Behind { stream, start, .. } => {
            let hash = Sha256::new().chain_update(b"stream\0").chain_update(start.to_be_bytes());
            hexadecimal(&hash.chain_update(stream).finalize())
        }
    };
    Ok((digest, offer.input.stored_bytes()))
}

/// Returns the SHA-256 of a file in hexadecimal digits, and its length.
///
/// # Errors
///
/// Those of reading it; standard input is there but once and has none.
pub fn digest_of(input: &Input) -> io::Result<(String, u64)> {
    let Some(mut reader) = input.reader()? else {
        return Err(io::Error::new(io::ErrorKind::Unsupported, "a stream passes but once"));
    };
    let (mut hash, mut bytes) = (Sha256::new(), 0_u64);
    let mut chunk = vec![0; 1 << 20];
    loop {
        let read = reader.read(&mut chunk)?;
        let Some(read) = chunk.get(..read).filter(|read| !read.is_empty()) else { break };
        hash.update(read);
        bytes = bytes.saturating_add(u64::try_from(read.len()).unwrap_or(u64::MAX));
    }
    Ok((hexadecimal(&hash.finalize()), bytes))
}

/// Returns bytes as hexadecimal digits.
pub fn hexadecimal(digest: &[u8]) -> String {
    digest.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string cannot fail.
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

/// Returns the number of a file, or of a member of it, in the lake.
///
/// It is made of what the file holds: 63 bits, so that two of a million files share one with a chance of
/// one in ten million. If they do, the second is refused.
pub(crate) fn source_of(digest: &str, member: Option<&str>) -> i64 {
    let mut hash = Sha256::new();
    hash.update(digest.as_bytes());
    if let Some(member) = member {
        hash.update([0]);
        hash.update(member.as_bytes());
    }
    let first = hash.finalize().iter().take(8).fold(0_u64, |all, byte| all << 8 | u64::from(*byte));
    (first >> 1).cast_signed()
}
