//! From a plan's filters to the tests by which a reader leaves rows of a native table unread.
//!
//! As in [`crate::plan::pushdown`], what is derived is necessary and not sufficient: the exact filter is
//! evaluated again on what the reader yields.

use datafusion::{
    logical_expr::{BinaryExpr, Expr, Operator, expr::InList},
    scalar::ScalarValue,
};
use kql_types::{KqlType, schema::TableSchema};
use sources::{Allowed, ColumnTest};

use crate::plan::{
    pushdown::{column, literal},
    raw_table::TYPE,
};

/// The alternatives that may come together; beyond, filters say nothing.
const MAX_ALTERNATIVES: usize = 64;

/// Returns the alternatives that a conjunction of filters allows; empty where they say nothing.
pub(crate) fn alternatives(conjuncts: &[Expr], schema: &TableSchema) -> Vec<Vec<ColumnTest>> {
    let of = |expr| demanded(expr, schema);
    conjuncts.iter().map(of).fold(None, both).unwrap_or_default()
}

/// Returns what satisfies either of two demands, empty being no demand.
pub(crate) fn either(
    left: Vec<Vec<ColumnTest>>,
    right: Vec<Vec<ColumnTest>>,
) -> Vec<Vec<ColumnTest>> {
    if left.is_empty() || right.is_empty() {
        return Vec::new();
    }
    let mut alternatives = left;
    for tests in right {
        if !alternatives.contains(&tests) {
            alternatives.push(tests);
        }
    }
    if alternatives.len() > MAX_ALTERNATIVES { Vec::new() } else { alternatives }
}

/// What an expression demands, as alternatives; `None` is no knowledge.
type Demand = Option<Vec<Vec<ColumnTest>>>;

fn demanded(expr: &Expr, schema: &TableSchema) -> Demand {
    match expr {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::And, right }) => {
            both(demanded(left, schema), demanded(right, schema))
        }
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right }) => {
            let either = either(demanded(left, schema)?, demanded(right, schema)?);
            (!either.is_empty()).then_some(either)
        }
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => comparison(left, *op, right, schema),
        Expr::InList(InList { expr, list, negated: false }) => {
            let values = list.iter().map(literal).collect::<Option<Vec<_>>>()?;
            one_of(column(expr)?, &values, schema)
        }
        _ => None,
    }
}

fn both(left: Demand, right: Demand) -> Demand {
    match (left, right) {
        (Some(left), Some(right)) => {
            if left.len().saturating_mul(right.len()) > MAX_ALTERNATIVES {
                return Some(left);
            }
            let joined = |l: &Vec<ColumnTest>, r: &Vec<ColumnTest>| [&**l, &**r].concat();
            Some(left.iter().flat_map(|l| right.iter().map(move |r| joined(l, r))).collect())
        }
        (known, None) | (None, known) => known,
    }
}

fn comparison(left: &Expr, op: Operator, right: &Expr, schema: &TableSchema) -> Demand {
    let (name, value, op) = match (column(left), literal(right)) {
        (Some(name), Some(value)) => (name, value, op),
        _ => (column(right)?, literal(left)?, op.swap()?),
    };
    let range = |value: i64| {
        Some(match op {
            Operator::Gt => value.checked_add(1)?..=i64::MAX,
            Operator::GtEq => value..=i64::MAX,
            Operator::Lt => i64::MIN..=value.checked_sub(1)?,
            Operator::LtEq => i64::MIN..=value,
            _ => return None,
        })
    };
    match op {
        Operator::Eq => one_of(name, &[value], schema),
        _ => test(name, Allowed::Numbers(range(number(value)?)?), schema),
    }
}

fn one_of(name: &str, values: &[&ScalarValue], schema: &TableSchema) -> Demand {
    let texts = || {
        let text = |value: &&ScalarValue| value.try_as_str().flatten().map(str::to_owned);
        values.iter().map(text).collect::<Option<Vec<_>>>()
    };
    let numbers = || values.iter().map(|value| number(value)).collect::<Option<Vec<_>>>();
    let allowed = match numbers() {
        Some(numbers) => Allowed::OneOf(numbers),
        None => Allowed::Texts(texts()?),
    };
    test(name, allowed, schema)
}

fn test(name: &str, allowed: Allowed, schema: &TableSchema) -> Demand {
    // What a file has of it is not yet what the column is.
    let column = schema.column(name).filter(|_| name != TYPE)?;
    let fits = match &allowed {
        Allowed::Texts(_) => column.ty == KqlType::String,
        Allowed::Numbers(_) | Allowed::OneOf(_) => matches!(
            column.ty,
            KqlType::Int | KqlType::Long | KqlType::Datetime | KqlType::Timespan
        ),
    };
    fits.then(|| vec![vec![ColumnTest { column: column.clone(), allowed }]])
}

fn number(value: &ScalarValue) -> Option<i64> {
    match value {
        ScalarValue::Int32(Some(number)) => Some(i64::from(*number)),
        ScalarValue::Int64(Some(number)) => Some(*number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use datafusion::logical_expr::{col, lit};
    use kql_types::schema::ColumnSchema;

    use super::*;

    fn schema() -> TableSchema {
        let column = |name: &str, ty| ColumnSchema { name: name.to_owned(), ty };
        let columns = vec![
            column("Timestamp", KqlType::Datetime),
            column("RemotePort", KqlType::Int),
            column("FileName", KqlType::String),
            column(TYPE, KqlType::String),
        ];
        TableSchema { name: "T".to_owned(), columns }
    }

    fn ident(name: &str) -> Expr {
        col(format!("\"{name}\""))
    }

    fn allowed(filters: &[Expr]) -> Vec<Vec<Allowed>> {
        let alternatives = alternatives(filters, &schema());
        alternatives
            .into_iter()
            .map(|tests| tests.into_iter().map(|t| t.allowed).collect())
            .collect()
    }

    #[test]
    fn conjuncts_are_tests_of_one_alternative() {
        let filters = [
            ident("RemotePort").eq(lit(445_i32)),
            ident("FileName").in_list(vec![lit("a"), lit("b")], false),
            lit(7_i64).lt(ident("Timestamp")),
            ident("FileName").like(lit("x%")),
        ];
        let texts = vec!["a".to_owned(), "b".to_owned()];
        let expected =
            vec![Allowed::OneOf(vec![445]), Allowed::Texts(texts), Allowed::Numbers(8..=i64::MAX)];
        assert_eq!(allowed(&filters), [expected]);
    }

    #[test]
    fn an_or_with_an_unknown_side_says_nothing() {
        let known = ident("RemotePort").eq(lit(445_i32));
        let filter = known.clone().or(ident("FileName").like(lit("x%")));
        assert!(allowed(&[filter]).is_empty());
        let filter = known.or(ident("RemotePort").gt(lit(1_i32)));
        assert_eq!(allowed(&[filter]).len(), 2);
    }

    #[test]
    fn the_column_of_the_tables_name_is_not_tested_in_files() {
        assert!(allowed(&[ident(TYPE).eq(lit("T"))]).is_empty());
    }

    #[test]
    fn branches_without_a_demand_want_every_row() {
        let some = alternatives(&[ident("RemotePort").eq(lit(445_i32))], &schema());
        assert!(either(some.clone(), Vec::new()).is_empty());
        assert_eq!(either(some.clone(), some.clone()), some);
    }
}
