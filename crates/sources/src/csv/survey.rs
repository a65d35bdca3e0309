//! Looking through a CSV file for the order of day and month before it is read.
//!
//! A single row may be the one that decides, and it may be the last. So a file whose dates need it is read
//! twice, the first time for its dates alone; one whose first rows show that they do not, once.

use std::io::Read;

use super::{columns::Columns, fields::Fields, framing::Rows};
use crate::{
    dates::order::{Evidence, is_open},
    input::content::Content,
    request::Limits,
    text::{block::BlockReader, encoding},
};

/// Bytes of a stream that are held so that it can be read twice. Of a longer one, those decide.
const MAX_HELD_BYTES: u64 = 256 << 20;

/// Returns the columns, the order of day and month settled as far as the content tells.
///
/// Content that cannot be looked at once more is read with what its first rows tell; reading it will
/// show the error.
pub(crate) fn settle(
    columns: Columns,
    content: &mut Content<'_>,
    delimiter: u8,
    limits: Limits,
) -> Columns {
    let head = content.head().to_vec();
    let of_head = survey(&columns, encoding::decoded(&head, Box::new(&*head)), delimiter, limits);
    if !of_head.iter().any(Surveyed::needs_more) {
        return columns.settled(&evidence(&of_head));
    }
    let whole = match content.look_ahead(MAX_HELD_BYTES) {
        Ok(input) => survey(&columns, encoding::decoded(&head, input), delimiter, limits),
        Err(_) => of_head,
    };
    columns.settled(&evidence(&whole))
}

/// What the values of one column show.
struct Surveyed {
    place: usize,
    evidence: Evidence,
    /// Whether there is a value that has no need of evidence, and none that has.
    is_plain: bool,
}

impl Surveyed {
    /// Tells whether the rest of the column may matter.
    fn needs_more(&self) -> bool {
        self.evidence.is_of_use() || !self.is_plain
    }
}

fn evidence(columns: &[Surveyed]) -> Vec<(usize, Evidence)> {
    columns.iter().map(|column| (column.place, column.evidence)).collect()
}

fn survey(
    columns: &Columns,
    input: Box<dyn Read + '_>,
    delimiter: u8,
    limits: Limits,
) -> Vec<Surveyed> {
    let of_column = |place| Surveyed { place, evidence: Evidence::default(), is_plain: false };
    let mut surveyed: Vec<Surveyed> = columns.dates().map(of_column).collect();
    let mut fields = Fields::default();
    let mut blocks = BlockReader::new(input, Box::new(Rows::new(delimiter)), limits);
    while let Some(block) = blocks.next() {
        for (_, row) in block.records() {
            let Ok(row) = str::from_utf8(row) else { continue };
            let row = row.trim_end_matches(['\r', '\n']);
            if fields.split(row, delimiter).is_err() || fields.len() != columns.len() {
                continue;
            }
            for column in &mut surveyed {
                let text = fields.text(row, column.place);
                column.is_plain = column.is_plain || !(text.is_empty() || is_open(&text));
                column.evidence.see(&text);
            }
        }
    }
    surveyed
}
