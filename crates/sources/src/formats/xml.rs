//! Windows event XML: what `wevtutil`, the Event Viewer, `evtx_dump` and collectors write.

use super::{Format, Head};
use crate::{
    content::Content,
    lane::Outcome,
    problem::Reason,
    scan::Scan,
    text::{
        block::{Block, BlockReader},
        encoding,
        pipeline::{self, RecordReader},
        yielded::{RejectedRecord, Yield},
    },
    tree::gather::Gather,
    xml::{
        framing::{Events, find_event, is_filler},
        read,
    },
};

/// The name of the format.
const NAME: &str = "Windows event XML";

pub(super) const FORMAT: Format = Format { recognise, read };

fn recognise(head: &Head<'_>) -> bool {
    let bytes = head.text.as_bytes();
    let Some(at) = find_event(bytes) else { return false };
    let before = bytes.get(..at).unwrap_or_default();
    before.split(|byte| *byte == b'\n').all(is_filler)
}

fn read(content: Content<'_>, scan: &mut Scan<'_>) {
    let limits = scan.request.limits;
    let head = content.head().to_vec();
    let input = encoding::decoded(&head, content.into_reader());
    let records =
        XmlRecords { gather: Gather::new(&scan.request.events), limit: limits.record_bytes };
    pipeline::run(scan, BlockReader::new(input, Box::new(Events), limits), records);
}

/// Reads events.
struct XmlRecords<'s> {
    gather: Gather<'s>,
    limit: usize,
}

impl RecordReader for XmlRecords<'_> {
    fn format(&self) -> &'static str {
        NAME
    }

    fn fork(&self) -> Self {
        Self { gather: self.gather.fork(), limit: self.limit }
    }

    fn read(&mut self, block: &Block) -> Yield {
        let mut yielded = Yield::default();
        for (at, bytes) in block.records() {
            yielded.records = yielded.records.saturating_add(1);
            let Err((within, reason)) = self.record(bytes, yielded.records) else { continue };
            let offset = u64::try_from(at.saturating_add(within)).unwrap_or(u64::MAX);
            yielded.rejected.push(RejectedRecord {
                index: yielded.records,
                offset: block.offset.saturating_add(offset),
                reason,
            });
        }
        if block.is_cut_off
            && let Some(last) = yielded.rejected.last_mut()
            && last.index == yielded.records
        {
            last.reason = Reason::Truncated;
        }
        match self.gather.take_part(NAME) {
            Ok(part) => yielded.parts.push(part),
            Err(reason) => yielded.failures.push(reason),
        }
        yielded
    }
}

impl XmlRecords<'_> {
    /// Reads one record; an error comes with its offset in the record.
    fn record(&mut self, bytes: &[u8], index: u64) -> Result<(), (usize, Reason)> {
        if bytes.len() > self.limit {
            return Err((0, Reason::TooLong { limit: self.limit }));
        }
        let text = str::from_utf8(bytes).map_err(|error| (error.valid_up_to(), Reason::NotUtf8))?;
        let event = read::event(text);
        let event = event.map_err(|(within, expected)| (within, Reason::Xml { expected }))?;
        let line = i64::try_from(index).unwrap_or(i64::MAX);
        match self.gather.take(&event, line) {
            Outcome::Full => self.gather.flush().map_err(|reason| (0, reason)),
            _ => Ok(()),
        }
    }
}
