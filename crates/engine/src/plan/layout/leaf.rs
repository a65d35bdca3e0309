//! How a leaf's columns are put together from those that leaves have in common.

use std::sync::Arc;

use arrow::{
    array::ArrayRef,
    datatypes::SchemaRef,
    error::ArrowError,
    record_batch::{RecordBatch, RecordBatchOptions},
};
use kql_types::KqlType;

use super::shared::{SharedColumns, constant, missing};
use crate::{
    error::EngineError,
    evidence::{self, EvidenceColumns},
    plan::branch::Branch,
};

/// Where a leaf's column comes from.
#[derive(Clone, Debug)]
pub(super) enum Origin {
    /// A column that leaves have in common, by its number.
    Shared(usize),
    /// The table has the column, but no reader fills it.
    Missing(KqlType),
    /// The same text in each row.
    Constant(Arc<str>),
    /// The row's record.
    Evidence,
}

/// Where what evidence is made of stands; what a table lacks is absent.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct EvidencePlaces {
    pub(super) line: usize,
    pub(super) record_id: Option<usize>,
    pub(super) event_id: Option<usize>,
    pub(super) channel: Option<usize>,
    pub(super) host: Option<usize>,
    pub(super) time: Option<usize>,
}

impl EvidencePlaces {
    /// Yields the places.
    pub(super) fn all(&self) -> impl Iterator<Item = usize> {
        let Self { line, record_id, event_id, channel, host, time } = *self;
        [Some(line), record_id, event_id, channel, host, time].into_iter().flatten()
    }

    fn moved(&self, to: impl Fn(usize) -> Option<usize>) -> Option<Self> {
        Some(Self {
            line: to(self.line)?,
            record_id: self.record_id.and_then(&to),
            event_id: self.event_id.and_then(&to),
            channel: self.channel.and_then(&to),
            host: self.host.and_then(&to),
            time: self.time.and_then(&to),
        })
    }
}

/// The columns of one leaf in the batches of one request.
#[derive(Debug)]
pub(crate) struct LeafLayout {
    /// The leaf's number.
    pub(crate) leaf: usize,
    /// The columns that its filter and its projection read.
    columns: Vec<Origin>,
    /// The columns that it yields; numbers are places in `wanted`.
    yielded: Vec<Origin>,
    schema: SchemaRef,
    /// The stored columns from which they are made.
    wanted: Vec<usize>,
    evidence: Option<StoredEvidence>,
    /// Whether the rows may be asked for by time.
    is_timed: bool,
    /// Which of the columns wanted has the times of the rows' records.
    time: Option<usize>,
    /// The stored columns that have the place and the member of the rows' records, if the rows may be
    /// asked for by time.
    record: Option<[usize; 2]>,
}

/// Where what tells of records stands among the columns that leaves have in common, and the members among
/// those that are stored.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sources<'a> {
    pub(super) evidence: Option<&'a EvidencePlaces>,
    pub(super) time: Option<usize>,
    pub(super) line: Option<usize>,
    pub(super) member: usize,
}

/// Where evidence stands among the columns that a leaf wants.
#[derive(Debug)]
struct StoredEvidence {
    places: EvidencePlaces,
    member: usize,
}

impl LeafLayout {
    /// Lays out a leaf.
    ///
    /// - `columns`: where the branch's columns come from.
    /// - `sources`: where evidence, and the times and places of the records come from.
    /// - `stored`: where a shared column stands among those that are stored.
    ///
    /// Returns nothing if a column that the leaf yields is not stored.
    pub(super) fn new(
        leaf: usize,
        branch: &Branch,
        columns: Vec<Origin>,
        sources: Sources<'_>,
        stored: impl Fn(usize) -> Option<usize>,
    ) -> Option<Self> {
        let Sources { evidence, time, line, member } = sources;
        let mut wanted = Vec::new();
        let mut yielded = Vec::with_capacity(branch.projection.len());
        for origin in branch.projection.iter().map(|column| columns.get(*column)) {
            yielded.push(match origin? {
                Origin::Shared(number) => Origin::Shared(want(&mut wanted, stored(*number)?)),
                other => other.clone(),
            });
        }
        let has_evidence = yielded.iter().any(|origin| matches!(origin, Origin::Evidence));
        let evidence = if has_evidence {
            let places = evidence?.moved(&stored)?;
            for place in places.all() {
                want(&mut wanted, place);
            }
            let member = want(&mut wanted, member);
            let at = |column: usize| wanted.iter().position(|have| *have == column);
            Some(StoredEvidence { places: places.moved(at)?, member })
        } else {
            None
        };
        let time = match time.filter(|_| branch.is_timed) {
            Some(number) => Some(want(&mut wanted, stored(number)?)),
            None => None,
        };
        let record = match line.filter(|_| branch.is_timed) {
            Some(line) => Some([stored(line)?, member]),
            None => None,
        };
        let (schema, is_timed) = (Arc::clone(&branch.schema), branch.is_timed);
        Some(Self { leaf, columns, yielded, schema, wanted, evidence, is_timed, time, record })
    }

    /// Returns one of the branch's columns of a reader's batch, which its filter reads.
    pub(crate) fn column(&self, column: usize, shared: &SharedColumns) -> Option<ArrayRef> {
        Some(match self.columns.get(column)? {
            Origin::Shared(number) => Arc::clone(shared.column(*number)?),
            Origin::Missing(ty) => missing(*ty, shared.rows()),
            Origin::Constant(text) => constant(text, shared.rows()),
            Origin::Evidence => return None,
        })
    }

    /// Returns the numbers of the stored columns that the leaf wants.
    pub(crate) fn wanted(&self) -> &[usize] {
        &self.wanted
    }

    /// Returns which of them has the times of the rows' records, if the rows may be asked for by time
    /// and the table has times.
    pub(crate) fn time(&self) -> Option<usize> {
        self.time
    }

    /// Returns the stored columns that have the place and the member of the rows' records, if the rows may
    /// be asked for by time.
    pub(crate) fn record(&self) -> Option<[usize; 2]> {
        self.record
    }

    /// Tells whether the rows may be asked for by time.
    pub(crate) fn is_timed(&self) -> bool {
        self.is_timed
    }

    /// Makes the leaf's rows of a reader's batch, which yields no evidence.
    ///
    /// - `stored`: the columns that are stored for leaves, of as many rows.
    ///
    /// # Errors
    ///
    /// If a column that the leaf wants is not among them, as the numbers of members are not.
    pub(crate) fn rows_of(
        &self,
        stored: &[&ArrayRef],
        rows: usize,
    ) -> Result<RecordBatch, EngineError> {
        let wanted = self.wanted.iter().map(|column| stored.get(*column).copied().map(Arc::clone));
        let wanted: Option<Vec<_>> = wanted.collect();
        let wanted = wanted
            .ok_or(EngineError::Internal { what: "a leaf wants a column that it has not got" })?;
        self.rows(&wanted, rows).map_err(EngineError::Batch)
    }

    /// Makes the leaf's rows.
    ///
    /// - `stored`: the columns wanted, of as many rows.
    pub(crate) fn rows(&self, stored: &[ArrayRef], rows: usize) -> Result<RecordBatch, ArrowError> {
        let at = |place: usize| {
            let missing = || ArrowError::InvalidArgumentError("a stored column is missing".into());
            stored.get(place).map(Arc::clone).ok_or_else(missing)
        };
        let array = |origin: &Origin| match origin {
            Origin::Shared(place) => at(*place),
            Origin::Missing(ty) => Ok(missing(*ty, rows)),
            Origin::Constant(text) => Ok(constant(text, rows)),
            Origin::Evidence => {
                let missing = || ArrowError::InvalidArgumentError("rows without evidence".into());
                let StoredEvidence { places, member } =
                    self.evidence.as_ref().ok_or_else(missing)?;
                let optional = |place: Option<usize>| place.map(at).transpose();
                let columns = EvidenceColumns {
                    line: at(places.line)?,
                    record_id: optional(places.record_id)?,
                    event_id: optional(places.event_id)?,
                    channel: optional(places.channel)?,
                    host: optional(places.host)?,
                    time: optional(places.time)?,
                };
                Ok(evidence::column(at(*member)?, columns))
            }
        };
        let columns = self.yielded.iter().map(array).collect::<Result<_, _>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)
    }
}

/// Returns the place of a column among those wanted, adding it if nobody has wanted it yet.
fn want(wanted: &mut Vec<usize>, column: usize) -> usize {
    wanted.iter().position(|have| *have == column).unwrap_or_else(|| {
        wanted.push(column);
        wanted.len().saturating_sub(1)
    })
}
