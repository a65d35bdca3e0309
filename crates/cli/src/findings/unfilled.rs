//! Columns that rules read and nothing in the input fills, told to whoever reads the findings.

use detection::CompiledRules;
use engine::{Balance, Environment, Filled, UnfilledColumn};
use serde::Serialize;

use crate::ui::Ui;

/// A rule and a column that decides what it finds, which nothing fills.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Unfilled {
    /// The rule's name.
    pub(crate) rule: String,
    /// The table.
    pub(crate) table: String,
    /// The column.
    pub(crate) column: String,
}

impl Unfilled {
    /// Says it.
    pub(crate) fn text(&self) -> String {
        let Self { rule, table, column } = self;
        format!(
            "rule `{rule}` reads `{table}.{column}`, which nothing in this input fills: it is empty in \
             every row, and conditions on it match its absence"
        )
    }
}

/// Finds the columns, rule by rule, once the input has been read.
pub(crate) fn find(
    rules: &CompiledRules<'_>,
    environment: &Environment,
    balance: &Balance,
) -> Vec<Unfilled> {
    let mut filled = Filled::new(environment, balance);
    let of_rule = |(rule, query): (&detection::PackagedRule, &engine::CompiledQuery)| {
        let name = rule.rule.name.clone();
        let columns = filled.lacks(query).into_iter();
        columns
            .map(move |it| Unfilled { rule: name.clone(), table: it.table, column: it.column })
            .collect::<Vec<_>>()
    };
    rules.queries().flat_map(of_rule).collect()
}

/// Warns of the columns that a query reads.
pub(crate) fn tell_of_query(ui: &Ui, columns: &[UnfilledColumn]) {
    for UnfilledColumn { table, column } in columns {
        ui.warning(&format!(
            "the query reads `{table}.{column}`, which nothing in this input fills: it is empty in \
             every row, and conditions on it match its absence"
        ));
    }
}

/// Says which tables a query reads of which the input has no row.
pub(crate) fn tell_of_tables(ui: &Ui, tables: &[String]) {
    for table in tables {
        ui.note(&format!("the query reads `{table}`, of which this input has no row"));
    }
}

/// Warns of them.
pub(crate) fn tell(ui: &Ui, unfilled: &[Unfilled]) {
    for column in unfilled {
        ui.warning(&column.text());
    }
}
