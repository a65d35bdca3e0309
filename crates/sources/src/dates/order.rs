//! The order of day and month in a column: what its values show, and what follows for all of them.

use kql_types::datetime::Civil;

use super::{
    DateOrder, is_year_first,
    read::{self, Date},
};

/// What is known of the order of day and month in a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Settled {
    /// Nothing: no value has shown it. Dates are read as Kusto reads them, month first, and counted.
    #[default]
    Undecided,
    /// The user says so.
    Given(DateOrder),
    /// Values of the column show it.
    Shown(DateOrder),
    /// Values show one and the other, so that the rest cannot be read.
    Contradicted,
}

impl Settled {
    /// Returns the order that the user has given.
    pub(crate) const fn given(self) -> Option<DateOrder> {
        match self {
            Self::Given(order) => Some(order),
            Self::Undecided | Self::Shown(_) | Self::Contradicted => None,
        }
    }

    /// Returns which of two readings holds, and whether nothing tells.
    pub(super) fn choose(
        self,
        day_first: Option<Civil>,
        month_first: Option<Civil>,
    ) -> (Option<Civil>, bool) {
        if day_first == month_first {
            return (day_first, false);
        }
        match self {
            Self::Given(DateOrder::DayFirst) | Self::Shown(DateOrder::DayFirst) => {
                (day_first, false)
            }
            Self::Given(DateOrder::MonthFirst) | Self::Shown(DateOrder::MonthFirst) => {
                (month_first, false)
            }
            Self::Given(DateOrder::YearFirst) | Self::Shown(DateOrder::YearFirst) => (None, false),
            Self::Undecided if day_first.is_some() && month_first.is_some() => (month_first, true),
            // A value with one reading can be read wherever it stands.
            Self::Undecided | Self::Contradicted => match (day_first, month_first) {
                (Some(_), Some(_)) => (None, false),
                (one, other) => (one.or(other), false),
            },
        }
    }
}

/// Tells whether a text could be a date of three numbers with its year last.
pub(crate) fn is_open(text: &str) -> bool {
    let text = text.trim();
    !is_year_first(text)
        && matches!(read::read(text, None), Some(reading) if matches!(reading.date, Date::Either { .. }))
}

/// What the values of a column have shown so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Evidence {
    is_day_first: bool,
    is_month_first: bool,
    is_open: bool,
}

impl Evidence {
    /// Takes a value into account.
    pub(crate) fn see(&mut self, text: &str) {
        // Most values are ISO 8601 and show nothing.
        let text = text.trim();
        if is_year_first(text) {
            return;
        }
        let Some(reading) = read::read(text, None) else { return };
        if let Date::Either { day_first, month_first } = reading.date {
            match (day_first, month_first) {
                (Some(day_first), Some(month_first)) => self.is_open |= day_first != month_first,
                (Some(_), None) => self.is_day_first = true,
                (None, Some(_)) => self.is_month_first = true,
                (None, None) => {}
            }
        }
    }

    /// Tells whether there is a value that the order matters for.
    pub(crate) const fn is_of_use(self) -> bool {
        self.is_open || self.is_day_first || self.is_month_first
    }

    /// Returns what follows.
    pub(crate) const fn settled(self) -> Settled {
        match (self.is_day_first, self.is_month_first) {
            (true, true) => Settled::Contradicted,
            (true, false) => Settled::Shown(DateOrder::DayFirst),
            (false, true) => Settled::Shown(DateOrder::MonthFirst),
            (false, false) => Settled::Undecided,
        }
    }
}
