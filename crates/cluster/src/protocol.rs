//! What goes over the wire: a task as one message, and its answer as a stream of frames, each behind its length.
//!
//! A worker that is alive sends a frame at least every [`BEAT`], whatever it does.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use bytes::{Buf, Bytes, BytesMut};
use lake::{LakeAddress, LakeError, LakeFiles};
use prost::Message;
use sources::{
    Input,
    kept::{KeptFile, KeptMember, KeptMembers},
};

/// How often a worker says that it is there.
pub(crate) const BEAT: Duration = Duration::from_millis(500);

/// Where a worker says what it is.
pub(crate) const GREETING: &str = "/v1/worker";
/// Where it takes tasks.
pub(crate) const TASKS: &str = "/v1/tasks";

/// A frame that is longer is not one of ours.
const MOST_FRAME: usize = (1 << 30) + 1024;

/// Files to be read.
#[derive(Message)]
pub(crate) struct Task {
    /// What is wanted of them.
    #[prost(bytes = "bytes", tag = "1")]
    pub(crate) leaves: Bytes,
    #[prost(string, tag = "2")]
    pub(crate) lake: String,
    /// The numbers of the files and members that rows were read from, in their order.
    #[prost(sint64, repeated, tag = "3")]
    pub(crate) members: Vec<i64>,
    /// Whether rows of others are left out.
    #[prost(bool, tag = "4")]
    pub(crate) is_selection: bool,
    #[prost(message, repeated, tag = "5")]
    pub(crate) files: Vec<File>,
}

/// A file of the lake, and what is known of it.
#[derive(Clone, Message)]
pub(crate) struct File {
    #[prost(string, tag = "1")]
    pub(crate) place: String,
    #[prost(uint64, tag = "2")]
    pub(crate) bytes: u64,
    #[prost(string, tag = "3")]
    pub(crate) table: String,
    #[prost(uint64, tag = "4")]
    pub(crate) rows: u64,
    #[prost(message, optional, tag = "5")]
    pub(crate) times: Option<Times>,
    #[prost(message, optional, tag = "6")]
    pub(crate) event_ids: Option<Ids>,
    #[prost(btree_map = "string, string", tag = "7")]
    pub(crate) names: BTreeMap<String, String>,
}

#[derive(Clone, Message)]
pub(crate) struct Times {
    #[prost(string, tag = "1")]
    column: String,
    #[prost(sint64, tag = "2")]
    oldest: i64,
    #[prost(sint64, tag = "3")]
    newest: i64,
}

#[derive(Clone, Copy, Message)]
pub(crate) struct Ids {
    #[prost(sint64, tag = "1")]
    least: i64,
    #[prost(sint64, tag = "2")]
    most: i64,
}

/// A part of an answer. One without any says that the worker is there.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Frame {
    #[prost(oneof = "Said", tags = "1, 2, 3, 4")]
    pub(crate) said: Option<Said>,
}

/// What a worker says.
#[derive(Clone, PartialEq, prost::Oneof)]
pub(crate) enum Said {
    /// Rows of the file that is being read, as [`packed`] has them.
    #[prost(bytes = "bytes", tag = "1")]
    Rows(Bytes),
    /// The file has been read.
    #[prost(message, tag = "2")]
    End(End),
    /// The task failed.
    #[prost(string, tag = "3")]
    Failed(String),
    /// All files have been read; so many.
    #[prost(uint64, tag = "4")]
    Done(u64),
}

#[derive(Clone, Copy, PartialEq, Message)]
pub(crate) struct End {
    /// Rows that were sent of it.
    #[prost(uint64, tag = "1")]
    pub(crate) rows: u64,
    /// Bytes of these.
    #[prost(uint64, tag = "2")]
    pub(crate) bytes: u64,
    #[prost(bool, tag = "3")]
    pub(crate) is_whole: bool,
}

/// Packs rows for the way.
pub(crate) fn packed(rows: &[u8]) -> Bytes {
    lz4_flex::block::compress_prepend_size(rows).into()
}

/// Unpacks rows.
///
/// # Errors
///
/// If they are not what [`packed`] gives.
pub(crate) fn unpacked(rows: &[u8]) -> Result<Vec<u8>, String> {
    let (len, packed) = lz4_flex::block::uncompressed_size(rows).map_err(|it| it.to_string())?;
    // What says that it is more is not one of ours: memory would be taken for it.
    if len > MOST_FRAME {
        return Err("it does not speak as a worker does".to_owned());
    }
    lz4_flex::block::decompress(packed, len).map_err(|error| error.to_string())
}

impl File {
    /// Describes a file; `None` if it is not of the lake.
    pub(crate) fn of(file: &Arc<KeptFile>, lake: &LakeAddress) -> Option<Self> {
        Some(Self {
            place: lake.place_of(&file.path)?,
            bytes: Input::Kept(Arc::clone(file)).stored_bytes(),
            table: file.table.clone(),
            rows: file.rows,
            times: file.times.as_ref().map(|(column, times)| Times {
                column: column.clone(),
                oldest: *times.start(),
                newest: *times.end(),
            }),
            event_ids: file
                .event_ids
                .as_ref()
                .map(|ids| Ids { least: *ids.start(), most: *ids.end() }),
            names: (*file.names).clone(),
        })
    }
}

impl Task {
    /// Returns the files as they are to be read.
    ///
    /// # Errors
    ///
    /// If one is not below the lake.
    pub(crate) fn kept_files(&self, lake: &LakeFiles) -> Result<Vec<Arc<KeptFile>>, LakeError> {
        let member = |source: &i64| KeptMember { source: *source, ..KeptMember::default() };
        let members = self.members.iter().map(member).collect();
        let members = Arc::new(KeptMembers::new(members, self.is_selection));
        let kept = |file: &File| {
            Ok(Arc::new(KeptFile {
                path: file.place.as_str().into(),
                bytes: lake.bytes_of(&file.place, file.bytes)?,
                table: file.table.clone(),
                rows: file.rows,
                times: file.times.as_ref().map(|it| (it.column.clone(), it.oldest..=it.newest)),
                event_ids: file.event_ids.map(|ids| ids.least..=ids.most),
                names: Arc::new(file.names.clone()),
                members: Arc::clone(&members),
            }))
        };
        self.files.iter().map(kept).collect()
    }
}

impl Frame {
    /// Writes the frame behind its length.
    pub(crate) fn to_bytes(&self) -> Bytes {
        let len = self.encoded_len();
        let mut bytes = BytesMut::with_capacity(len.saturating_add(4));
        bytes.extend_from_slice(&u32::try_from(len).unwrap_or(u32::MAX).to_le_bytes());
        bytes.extend_from_slice(&self.encode_to_vec());
        bytes.freeze()
    }

    /// Takes the next frame off what has come, if it is there.
    ///
    /// # Errors
    ///
    /// What is wrong with what has come.
    pub(crate) fn take(come: &mut BytesMut) -> Result<Option<Self>, String> {
        let Some(Ok(len)) = come.get(..4).map(<[u8; 4]>::try_from) else { return Ok(None) };
        let len = usize::try_from(u32::from_le_bytes(len)).unwrap_or(usize::MAX);
        if len > MOST_FRAME {
            return Err("it does not speak as a worker does".to_owned());
        }
        let needed = len.saturating_add(4);
        if come.len() < needed {
            come.reserve(needed.saturating_sub(come.len()));
            return Ok(None);
        }
        let mut frame = come.split_to(needed).freeze();
        frame.advance(4);
        Self::decode(frame).map(Some).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_out_however_they_are_cut() {
        let frames = [
            Frame { said: Some(Said::Rows(Bytes::from_static(b"rows"))) },
            Frame::default(),
            Frame { said: Some(Said::End(End { rows: 3, bytes: 4, is_whole: true })) },
            Frame { said: Some(Said::Failed("why".to_owned())) },
            Frame { said: Some(Said::Done(1)) },
        ];
        let sent: Vec<u8> = frames.iter().flat_map(|frame| frame.to_bytes().to_vec()).collect();
        for step in 1..sent.len() {
            let (mut come, mut found) = (BytesMut::new(), Vec::new());
            for part in sent.chunks(step) {
                come.extend_from_slice(part);
                while let Some(frame) = Frame::take(&mut come).unwrap() {
                    found.push(frame);
                }
            }
            assert_eq!(found, frames, "{step}");
        }
    }

    #[test]
    fn what_is_no_frame_is_told() {
        assert!(Frame::take(&mut BytesMut::from(&b"HTTP/1.1"[..])).is_err());
    }
}
