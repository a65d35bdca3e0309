//! Windows event XML: what `wevtutil`, the Event Viewer, `Get-WinEvent`, `evtx_dump`, collectors and
//! tools that recover events write.

use std::borrow::Cow;

use super::Format;
use crate::{
    input::content::{Content, Head},
    problem::Reason,
    request::EVENTS,
    scan::Scan,
    text::{
        block::{Block, BlockReader},
        encoding,
        pipeline::{self, RecordReader},
        yielded::{Blemish, Outcome, RejectedRecord, Yield},
    },
    tree::gather::Gather,
    xml::{
        framing::{Events, find_event, is_of_events},
        lenient::Fault,
        read,
    },
};

/// The name of the format.
const NAME: &str = "Windows event XML";

pub(super) const FORMAT: Format = Format { recognise, read };

fn recognise(head: &Head<'_>) -> bool {
    let bytes = head.text.as_bytes();
    find_event(bytes).is_some_and(|at| is_of_events(bytes, at))
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
            let place = |within: usize| {
                let offset = u64::try_from(at.saturating_add(within)).unwrap_or(u64::MAX);
                block.offset.saturating_add(offset)
            };
            let index = yielded.records;
            match self.record(bytes, index) {
                Ok(faults) => yielded.blemishes.extend(faults.into_iter().map(|fault| Blemish {
                    index,
                    offset: place(fault.offset),
                    what: fault.what,
                })),
                Err((within, reason)) => {
                    let offset = place(within);
                    yielded.rejected.push(RejectedRecord { index, offset, reason });
                }
            }
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

    fn table_without_records(&self) -> Result<Option<String>, Reason> {
        Ok(Some(EVENTS.to_owned()))
    }
}

impl XmlRecords<'_> {
    /// Reads one record and returns what in it is not well formed; an error comes with its offset in
    /// the record.
    fn record(&mut self, bytes: &[u8], index: u64) -> Result<Vec<Fault>, (usize, Reason)> {
        if bytes.len() > self.limit {
            return Err((0, Reason::TooLong { limit: self.limit }));
        }
        let mut faults = Vec::new();
        let text = str::from_utf8(bytes).map_or_else(
            |error| {
                let what = "bytes that are not UTF-8";
                faults.push(Fault { offset: error.valid_up_to(), what });
                String::from_utf8_lossy(bytes)
            },
            Cow::Borrowed,
        );
        let (event, found) = read::event(&text)
            .map_err(|(within, expected)| (within.min(bytes.len()), Reason::Xml { expected }))?;
        faults.extend(found);
        let line = i64::try_from(index).unwrap_or(i64::MAX);
        if self.gather.take(&event, line) == Outcome::Full {
            self.gather.flush().map_err(|reason| (0, reason))?;
        }
        Ok(faults)
    }
}
