//! The records of one chunk, decoded to trees by way of the `evtx` crate's XML.

use std::{collections::VecDeque, sync::Arc};

use evtx::{EvtxChunkData, ParserSettings, err::EvtxError};

use crate::{
    damage::{RecordError, RecordErrorKind},
    tree::EventTree,
    xml,
};

/// The decoded records of a chunk, in file order.
pub(crate) struct ChunkRecords {
    records: VecDeque<(u64, Result<String, EvtxError>)>,
}

impl ChunkRecords {
    /// Decodes a chunk, which may be cut short.
    pub(crate) fn decode(bytes: &[u8]) -> Self {
        Self { records: decode(bytes).unwrap_or_default() }
    }

    /// Takes the next record with the id in its header.
    pub(crate) fn take(&mut self, id: u64) -> Result<EventTree, RecordError> {
        let at = self
            .records
            .iter()
            .position(|(found, _)| *found == id)
            .ok_or(RecordErrorKind::NoEvent)?;
        self.records.drain(..at);
        let (_, xml) = self.records.pop_front().ok_or(RecordErrorKind::NoEvent)?;
        let xml = xml.map_err(|error| RecordErrorKind::BinXml(Box::new(error)))?;
        xml::parse(&xml)
            .filter(|root| root.name == "Event")
            .map(EventTree::new)
            .ok_or(RecordError(RecordErrorKind::NoEvent))
    }
}

fn decode(bytes: &[u8]) -> Option<VecDeque<(u64, Result<String, EvtxError>)>> {
    let settings = Arc::new(ParserSettings::new().indent(false));
    let mut data = EvtxChunkData::new(bytes.to_vec(), false).ok()?;
    let mut chunk = data.parse(settings).ok()?;
    let records = chunk.iter().filter_map(|record| match record {
        Ok(record) => {
            let id = record.event_record_id;
            Some((id, record.into_xml().map(|record| record.data)))
        }
        Err(EvtxError::FailedToParseRecord { record_id, source }) => {
            Some((record_id, Err(*source)))
        }
        Err(_) => None,
    });
    Some(records.collect())
}
