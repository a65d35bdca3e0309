//! From a plan's filters to what a reader can test before it decodes a record.
//!
//! A reader tests provider, event id, channel, computer and time, then whether text that the filter
//! asks for is in the event's data. The filters derived here are necessary conditions: they may
//! accept too much, never too little, since the exact filter is evaluated again on what the reader
//! yields.

mod data;

use std::ops::Range;

use datafusion::{
    logical_expr::{BinaryExpr, Expr, Operator, expr::InList},
    scalar::ScalarValue,
};
use evtx_arrow::EventFilter;
use kql_datafusion::ScanColumn;
use kql_types::Ticks;

/// The alternatives that one branch's filters may grow to; beyond, a part of them is left out.
const MAX_ALTERNATIVES: usize = 64;

/// Returns the alternatives that a conjunction of filters over some columns allows; empty where
/// they say nothing.
pub(crate) fn event_filters(conjuncts: &[Expr], columns: &[ScanColumn]) -> Vec<EventFilter> {
    let demanded = conjuncts.iter().map(|expr| {
        let data = || data::condition(expr, columns);
        alternatives(expr).or_else(|| {
            data().map(|data| vec![EventFilter { data: vec![data], ..EventFilter::default() }])
        })
    });
    demanded.fold(None, and).unwrap_or_default()
}

/// What an expression demands, as alternatives; `None` is no knowledge.
type Alternatives = Option<Vec<EventFilter>>;

fn alternatives(expr: &Expr) -> Alternatives {
    match expr {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::And, right }) => {
            and(alternatives(left), alternatives(right))
        }
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right }) => {
            let mut either = alternatives(left)?;
            either.extend(alternatives(right)?);
            (either.len() <= MAX_ALTERNATIVES).then_some(either)
        }
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => comparison(left, *op, right),
        Expr::InList(InList { expr, list, negated: false }) => {
            let values = list.iter().map(literal).collect::<Option<Vec<_>>>()?;
            one_of(column(expr)?, &values)
        }
        Expr::ScalarFunction(function) if function.func.name() == "kql_equals_ci" => {
            let [value, text] = &*function.args else { return None };
            one_of(column(value)?, &[literal(text)?])
        }
        // A view that has a constant for what is compared.
        Expr::Literal(ScalarValue::Boolean(value), _) if *value != Some(true) => {
            Some(vec![EventFilter { event_ids: Some(Vec::new()), ..EventFilter::default() }])
        }
        _ => None,
    }
}

fn and(left: Alternatives, right: Alternatives) -> Alternatives {
    match (left, right) {
        (Some(left), Some(right)) => {
            if left.len().saturating_mul(right.len()) > MAX_ALTERNATIVES {
                return Some(left);
            }
            Some(left.iter().flat_map(|l| right.iter().map(|r| both(l, r))).collect())
        }
        (known, None) | (None, known) => known,
    }
}

fn both(left: &EventFilter, right: &EventFilter) -> EventFilter {
    EventFilter {
        providers: texts(left.providers.as_deref(), right.providers.as_deref()),
        event_ids: match (&left.event_ids, &right.event_ids) {
            (Some(l), Some(r)) => Some(l.iter().copied().filter(|id| r.contains(id)).collect()),
            (ids, None) | (None, ids) => ids.clone(),
        },
        channels: texts(left.channels.as_deref(), right.channels.as_deref()),
        computers: texts(left.computers.as_deref(), right.computers.as_deref()),
        time: match (&left.time, &right.time) {
            (Some(l), Some(r)) => Some(l.start.max(r.start)..l.end.min(r.end)),
            (time, None) | (None, time) => time.clone(),
        },
        data: left.data.iter().chain(&right.data).cloned().collect(),
    }
}

fn texts(left: Option<&[String]>, right: Option<&[String]>) -> Option<Vec<String>> {
    match (left, right) {
        (Some(l), Some(r)) => {
            let agreed = |text: &&String| r.iter().any(|other| other.eq_ignore_ascii_case(text));
            Some(l.iter().filter(agreed).cloned().collect())
        }
        (known, None) | (None, known) => known.map(<[String]>::to_vec),
    }
}

fn comparison(left: &Expr, op: Operator, right: &Expr) -> Alternatives {
    let (name, value, op) = match (column(left), literal(right)) {
        (Some(name), Some(value)) => (name, value, op),
        _ => (column(right)?, literal(left)?, op.swap()?),
    };
    match op {
        Operator::Eq => one_of(name, &[value]),
        Operator::Gt | Operator::GtEq | Operator::Lt | Operator::LtEq
            if name == "TimeGenerated" =>
        {
            let ScalarValue::Int64(Some(ticks)) = value else { return None };
            Some(vec![EventFilter { time: Some(time_range(op, *ticks)), ..EventFilter::default() }])
        }
        _ => None,
    }
}

fn time_range(op: Operator, ticks: Ticks) -> Range<Ticks> {
    match op {
        Operator::Gt => ticks.saturating_add(1)..Ticks::MAX,
        Operator::GtEq => ticks..Ticks::MAX,
        Operator::Lt => Ticks::MIN..ticks,
        _ => Ticks::MIN..ticks.saturating_add(1),
    }
}

fn one_of(name: &str, values: &[&ScalarValue]) -> Alternatives {
    let texts = || {
        values
            .iter()
            .map(|value| value.try_as_str().flatten().map(str::to_owned))
            .collect::<Option<Vec<_>>>()
    };
    let filter = match name {
        "Provider" => EventFilter { providers: Some(texts()?), ..EventFilter::default() },
        "Channel" => EventFilter { channels: Some(texts()?), ..EventFilter::default() },
        "Computer" => EventFilter { computers: Some(texts()?), ..EventFilter::default() },
        "EventID" => {
            let ids = values.iter().map(|value| event_id(value)).collect::<Option<Vec<_>>>()?;
            EventFilter { event_ids: Some(ids), ..EventFilter::default() }
        }
        _ => return None,
    };
    Some(vec![filter])
}

fn event_id(value: &ScalarValue) -> Option<u32> {
    match value {
        ScalarValue::Int32(Some(id)) => u32::try_from(*id).ok(),
        ScalarValue::Int64(Some(id)) => u32::try_from(*id).ok(),
        _ => None,
    }
}

/// Returns the name of a plain column, seen through a widening cast.
pub(crate) fn column(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Column(column) => Some(&column.name),
        Expr::Cast(cast) => column(&cast.expr),
        Expr::Alias(alias) => column(&alias.expr),
        _ => None,
    }
}

pub(crate) fn literal(expr: &Expr) -> Option<&ScalarValue> {
    match expr {
        Expr::Literal(value, _) => Some(value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use datafusion::logical_expr::{col, lit};

    use super::*;

    fn ident(name: &str) -> Expr {
        col(format!("\"{name}\""))
    }

    #[test]
    fn provider_and_id_become_one_alternative() {
        let filters = [ident("Provider").eq(lit("P")), ident("EventID").eq(lit(1_i32))];
        let expected = EventFilter {
            providers: Some(vec!["P".to_owned()]),
            event_ids: Some(vec![1]),
            ..EventFilter::default()
        };
        assert_eq!(event_filters(&filters, &[]), [expected]);
    }

    #[test]
    fn an_or_with_an_unknown_side_says_nothing() {
        let filter = ident("EventID").eq(lit(1_i32)).or(ident("Other").eq(lit(1_i32)));
        assert_eq!(event_filters(&[filter], &[]), []);
    }

    #[test]
    fn an_or_of_known_sides_is_two_alternatives() {
        let filter = ident("EventID").eq(lit(1_i32)).or(ident("Channel").eq(lit("Security")));
        let ids: Vec<_> = event_filters(&[filter], &[]).into_iter().map(|f| f.event_ids).collect();
        assert_eq!(ids, [Some(vec![1]), None]);
    }

    #[test]
    fn a_negated_list_says_nothing() {
        let filter = ident("EventID").in_list(vec![lit(1_i32)], true);
        assert_eq!(event_filters(&[filter], &[]), []);
    }

    #[test]
    fn time_bounds_meet() {
        let filters =
            [ident("TimeGenerated").gt(lit(10_i64)), lit(20_i64).gt_eq(ident("TimeGenerated"))];
        let times: Vec<_> =
            event_filters(&filters, &[]).into_iter().filter_map(|f| f.time).collect();
        assert_eq!(times, vec![11..21]);
    }

    #[test]
    fn contradicting_ids_accept_nothing() {
        let filters = [ident("EventID").eq(lit(1_i32)), ident("EventID").eq(lit(2_i32))];
        let ids: Vec<_> = event_filters(&filters, &[]).into_iter().map(|f| f.event_ids).collect();
        assert_eq!(ids, [Some(vec![])]);
    }
}
