//! Testing rows by values as they stand in the text, before any of them is copied.
//!
//! A row that fails is left out only if nothing is to be said of it: one with a value that does not
//! convert to its column's type is a loss, and is read like any other.

use kql_types::{KqlType, timespan};

use super::{
    cell::Cell,
    column::{converts, int, long},
};
use crate::request::{Allowed, ColumnTest, TableRequest};

/// What a request demands of a row.
#[derive(Clone, Debug)]
pub(crate) struct RowTests {
    /// A row passes if it passes all tests of one of these; each test has its column's place.
    alternatives: Vec<Vec<(usize, KqlType, Allowed)>>,
    converting: Converting,
}

/// The columns into which not every value converts.
#[derive(Clone, Debug)]
pub(crate) struct Converting(Vec<(usize, KqlType)>);

/// The values of a row, by the places of the columns that a request asks for.
pub(crate) trait RowCells {
    /// Passes a value on to `read`.
    fn with<T>(&mut self, place: usize, read: impl FnOnce(&Cell<'_>) -> T) -> T;
}

impl RowTests {
    /// Returns the tests of a request, `None` if it has none.
    ///
    /// What cannot be told from the columns asked for is not tested.
    pub(crate) fn new(request: &TableRequest) -> Option<Self> {
        let place = |test: &ColumnTest| {
            let place = request.columns.iter().position(|column| *column == test.column)?;
            Some((place, test.column.ty, test.allowed.clone()))
        };
        let of_one = |tests: &Vec<_>| tests.iter().filter_map(place).collect::<Vec<_>>();
        let alternatives: Vec<_> = request.alternatives.iter().map(of_one).collect();
        if alternatives.iter().any(Vec::is_empty) || alternatives.is_empty() {
            return None;
        }
        Some(Self { alternatives, converting: Converting::new(request) })
    }

    /// Tells whether a row has to be read.
    pub(crate) fn want(&self, row: &mut impl RowCells) -> bool {
        let mut passes = |(place, ty, allowed): &(usize, KqlType, Allowed)| {
            row.with(*place, |cell| passes(allowed, *ty, *cell))
        };
        let is_wanted = self.alternatives.iter().any(|tests| tests.iter().all(&mut passes));
        is_wanted || self.converting.loses(row)
    }
}

impl Converting {
    /// Returns those of a request.
    pub(crate) fn new(request: &TableRequest) -> Self {
        let columns = request.columns.iter().enumerate().map(|(place, column)| (place, column.ty));
        let columns = columns.filter(|(_, ty)| !matches!(ty, KqlType::String | KqlType::Dynamic));
        Self(columns.collect())
    }

    /// Tells whether a row has a value that does not convert.
    pub(crate) fn loses(&self, row: &mut impl RowCells) -> bool {
        self.0.iter().any(|(place, ty)| !row.with(*place, |cell| converts(*cell, *ty)))
    }
}

/// Tells whether a value passes a test.
fn passes(allowed: &Allowed, ty: KqlType, cell: Cell<'_>) -> bool {
    let is_allowed = |number: Option<i64>| match (number, allowed) {
        (Some(number), Allowed::Numbers(range)) => range.contains(&number),
        (Some(number), Allowed::OneOf(numbers)) => numbers.contains(&number),
        // Null passes no test.
        (None, Allowed::Numbers(_) | Allowed::OneOf(_)) => false,
        (_, Allowed::Texts(_)) => true,
    };
    match (ty, allowed) {
        (KqlType::String, Allowed::Texts(texts)) => {
            let text = cell.text().unwrap_or_default();
            texts.iter().any(|allowed| *allowed == text)
        }
        (KqlType::Datetime, _) => match cell {
            Cell::Time(_, time) => is_allowed(time),
            // Nobody has read the time.
            Cell::Text(_) | Cell::Json(_) => true,
            Cell::Missing => is_allowed(None),
        },
        (KqlType::Int | KqlType::Long | KqlType::Timespan, _) => {
            let text = cell.text();
            let text = text.as_deref().map(str::trim_ascii);
            is_allowed(text.and_then(|text| match ty {
                KqlType::Int => int(text).map(i64::from),
                KqlType::Long => long(text),
                _ => timespan::parse(text),
            }))
        }
        // How these compare is not told by numbers or texts.
        _ => true,
    }
}
