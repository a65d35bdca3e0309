//! Bodies with telemetry: received as far as there is room, and out of their compression.

use std::io::Read;

use axum::{
    body::Body,
    http::{HeaderMap, StatusCode, header},
};
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use futures::StreamExt;

use crate::intake::{Full, Held, Intake};

/// Bytes of a body, also out of its compression.
pub(super) const MOST_BYTES: usize = 64 * 1024 * 1024;
/// Bytes that are unpacked at a time.
const STEP: usize = 256 * 1024;

/// A body that has been received.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) bytes: Vec<u8>,
    /// How many bytes came.
    pub(super) packed_bytes: u64,
    pub(super) held: Held,
}

/// A body that is not taken.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) status: StatusCode,
    pub(super) reason: String,
}

impl Refused {
    pub(super) fn new(status: StatusCode, reason: impl Into<String>) -> Self {
        Self { status, reason: reason.into() }
    }

    fn too_large() -> Self {
        let reason = format!("a body has at most {MOST_BYTES} bytes");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, reason)
    }
}

impl From<Full> for Refused {
    fn from(full: Full) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, full.to_string())
    }
}

/// What a body is packed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    Gzip,
    Zstandard,
    Deflate,
}

/// Receives a body as it comes.
///
/// # Errors
///
/// If it is too large, there is no room for it, or the client goes away.
pub(super) async fn received(intake: &Intake, body: Body) -> Result<Received, Refused> {
    let mut held = intake.enter();
    let mut bytes = Vec::new();
    let mut stream = body.into_data_stream();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|error| {
            Refused::new(StatusCode::BAD_REQUEST, format!("the body broke off: {error}"))
        })?;
        if bytes.len().saturating_add(chunk.len()) > MOST_BYTES {
            return Err(Refused::too_large());
        }
        held.grow(chunk.len())?;
        bytes.extend_from_slice(&chunk);
    }
    let packed_bytes = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    Ok(Received { bytes, packed_bytes, held })
}

/// Receives a body and unpacks it, on a thread that may take its time.
///
/// # Errors
///
/// As for [`received`], or if it is packed in another way than the header says.
pub(super) async fn unpacked(
    intake: &Intake,
    headers: &HeaderMap,
    body: Body,
) -> Result<Received, Refused> {
    let packing = packing(headers)?;
    let packed = received(intake, body).await?;
    let Some(packing) = packing else { return Ok(packed) };
    let unpacking = tokio::task::spawn_blocking(move || unpack(packing, packed));
    let failed = |_| Refused::new(StatusCode::INTERNAL_SERVER_ERROR, "a defect of Quarry's");
    unpacking.await.map_err(failed)?
}

/// Returns what a body is packed in, as the header says.
fn packing(headers: &HeaderMap) -> Result<Option<Packing>, Refused> {
    let Some(encoding) = headers.get(header::CONTENT_ENCODING) else { return Ok(None) };
    match &*encoding.as_bytes().to_ascii_lowercase() {
        b"" | b"identity" => Ok(None),
        b"gzip" | b"x-gzip" => Ok(Some(Packing::Gzip)),
        b"zstd" => Ok(Some(Packing::Zstandard)),
        b"deflate" => Ok(Some(Packing::Deflate)),
        _ => {
            let reason = "a body may be packed by gzip, zstd or deflate";
            Err(Refused::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, reason))
        }
    }
}

fn unpack(packing: Packing, packed: Received) -> Result<Received, Refused> {
    let broken = |error: std::io::Error| {
        Refused::new(StatusCode::BAD_REQUEST, format!("the body cannot be unpacked: {error}"))
    };
    let Received { bytes: packed, packed_bytes, mut held } = packed;
    let mut reader: Box<dyn Read + '_> = match packing {
        Packing::Gzip => Box::new(MultiGzDecoder::new(&*packed)),
        Packing::Zstandard => Box::new(zstd::Decoder::new(&*packed).map_err(broken)?),
        // The standard means zlib's header by that name; some clients leave it out.
        Packing::Deflate if has_zlib_header(&packed) => Box::new(ZlibDecoder::new(&*packed)),
        Packing::Deflate => Box::new(DeflateDecoder::new(&*packed)),
    };
    let mut bytes = Vec::new();
    let mut step = vec![0; STEP];
    loop {
        let read = reader.read(&mut step).map_err(broken)?;
        let Some(read) = step.get(..read).filter(|read| !read.is_empty()) else { break };
        if bytes.len().saturating_add(read.len()) > MOST_BYTES {
            return Err(Refused::too_large());
        }
        held.grow(read.len())?;
        bytes.extend_from_slice(read);
    }
    drop(reader);
    Ok(Received { bytes, packed_bytes, held })
}

/// Source: RFC 1950, section 2.2.
fn has_zlib_header(bytes: &[u8]) -> bool {
    match bytes {
        [method, flags, ..] => {
            let check = u16::from_be_bytes([*method, *flags]);
            method & 0x0f == 8 && check.checked_rem(31) == Some(0)
        }
        _ => false,
    }
}
