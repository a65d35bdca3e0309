//! What records that were read have lost all the same: counted by cause, with the first place and an
//! example.
//!
//! A record that cannot be read at all is a [`Problem`](crate::Problem) instead. A loss shows in the
//! exit status as a problem does; there is one line for each cause and not one for each record,
//! since what one record of a file lacks the others often lack too.

use std::{collections::BTreeMap, fmt};

use kql_types::KqlType;

/// Characters of a value that an example shows.
const SHOWN_CHARS: usize = 80;

/// Why something of a record was lost.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Cause {
    /// A value does not convert to the type of its column and became null.
    NotConverted {
        /// The column.
        column: String,
        /// Its type.
        ty: KqlType,
    },
    /// A date could be another day: day and month may be the other way round, and nothing in the column
    /// or on the command line tells. It was read month first, as Kusto does.
    UndecidedDate {
        /// The column.
        column: String,
    },
    /// The event has its data in its message alone, and the message of this event is not known.
    UnknownMessage,
    /// The event has its data in its message alone, which is not of the form that it should be of.
    UnreadMessage,
    /// The event has its data as values without names, and the names of this event's are not known.
    NoNames,
    /// A field has the words of the message in place of the code that the event has.
    Words {
        /// The field.
        field: &'static str,
    },
    /// A line of a message could be a field and was taken for the rest of the value before it.
    LineOfValue,
    /// The event's XML, in a text of a record, is damaged.
    XmlInText,
    /// The export has no column for the time of its rows, and so they are in no period.
    NoTime,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotConverted { column, ty } => {
                write!(f, "`{column}` is null where the value is not of type {ty}")
            }
            Self::UndecidedDate { column } => write!(
                f,
                "`{column}` fits day first and month first, and was read month first; \
                 `--date-order dmy`, for example, says otherwise"
            ),
            Self::UnknownMessage => f.write_str(
                "no event data: it is in the message alone, and the message of this event is not \
                 known; export as EVTX or XML",
            ),
            Self::UnreadMessage => f.write_str(
                "no event data: it is in the message alone, which is not of the form that is known; \
                 export as EVTX or XML",
            ),
            Self::NoNames => f.write_str(
                "event data without names: they are values in order, in `Data`, and the names of this \
                 event's are not known; export as EVTX or XML",
            ),
            Self::Words { field } => write!(
                f,
                "`{field}` has the words of the message, and not the code that the event has"
            ),
            Self::LineOfValue => f.write_str(
                "a line of a message may be a field of its own, and was read as part of the value before \
                 it; export as EVTX or XML",
            ),
            Self::XmlInText => f.write_str(
                "the event's XML, in a text of the record, is damaged: it was mended, or what stands \
                 beside it was read instead",
            ),
            Self::NoTime => f.write_str(
                "no column `TimeGenerated` or `Timestamp`: rows without their time are in no period",
            ),
        }
    }
}

/// What one cause has cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// How often.
    pub count: u64,
    /// The 1-based index of the first record in the file or member.
    pub first: u64,
    /// What stood there, cut if it is long.
    pub example: String,
}

/// All losses of one table in one file or member.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Losses(BTreeMap<Cause, Loss>);

impl Losses {
    /// Returns none.
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Counts a loss in the record with that 1-based index; records may come in any order.
    pub fn add(&mut self, cause: Cause, record: u64, example: &str) {
        self.merge_loss(cause, Loss { count: 1, first: record, example: shown(example) });
    }

    /// Counts a loss that all of the first so many records have.
    pub(crate) fn add_all(&mut self, cause: Cause, count: u64) {
        if count > 0 {
            self.merge_loss(cause, Loss { count, first: 1, example: String::new() });
        }
    }

    /// Adds the losses of records that stand behind `records_before` others.
    pub fn merge(&mut self, others: Self, records_before: u64) {
        for (cause, loss) in others.0 {
            let first = loss.first.saturating_add(records_before);
            self.merge_loss(cause, Loss { first, ..loss });
        }
    }

    /// Yields the causes, in a fixed order, with what each has cost.
    pub fn iter(&self) -> impl Iterator<Item = (&Cause, &Loss)> {
        self.0.iter()
    }

    /// Tells whether nothing was lost.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn merge_loss(&mut self, cause: Cause, loss: Loss) {
        match self.0.get_mut(&cause) {
            None => {
                self.0.insert(cause, loss);
            }
            Some(known) => {
                known.count = known.count.saturating_add(loss.count);
                if loss.first < known.first {
                    known.first = loss.first;
                    known.example = loss.example;
                }
            }
        }
    }
}

/// Returns the start of a value on one line.
pub(crate) fn shown(value: &str) -> String {
    let mut chars = value.chars().map(|char| if char.is_control() { ' ' } else { char });
    let mut text: String = chars.by_ref().take(SHOWN_CHARS).collect();
    if chars.next().is_some() {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(column: &str) -> Cause {
        Cause::NotConverted { column: column.to_owned(), ty: KqlType::Int }
    }

    #[test]
    fn the_first_place_is_kept_whatever_the_order() {
        let mut losses = Losses::default();
        losses.add(cause("a"), 7, "seven");
        losses.add(cause("a"), 3, "three");
        let mut later = Losses::default();
        later.add(cause("a"), 1, "one more");
        later.add(cause("b"), 2, "two\nlines");
        losses.merge(later, 10);
        let found: Vec<_> = losses
            .iter()
            .map(|(_, loss)| (loss.count, loss.first, loss.example.as_str()))
            .collect();
        assert_eq!(found, [(3, 3, "three"), (1, 12, "two lines")]);
    }

    #[test]
    fn long_values_are_cut() {
        assert_eq!(shown(&"x".repeat(81)), format!("{}…", "x".repeat(80)));
    }
}
