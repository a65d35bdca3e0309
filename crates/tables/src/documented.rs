//! Every other table that Microsoft documents: those of the cloud, whose rows come from exports alone.
//!
//! Their columns are one text, made by `cargo xtask schemas`, and nothing is made of it before somebody
//! asks: at the first question the places of the tables are found, and of a table its columns when it is
//! asked for. Hundreds of tables so cost a start nothing.

use std::{collections::BTreeMap, sync::LazyLock};

use kql_types::{
    KqlType,
    schema::{ColumnSchema, TableSchema},
};

use crate::environment::{Environment, merge};

const TEXT: &str = include_str!("../schemas/documented.txt");

/// The columns of a table in the text, as each product has it.
#[derive(Clone, Copy, Debug, Default)]
struct Columns {
    defender: Option<&'static str>,
    sentinel: Option<&'static str>,
}

/// By name of the table.
static TABLES: LazyLock<BTreeMap<&'static str, Columns>> = LazyLock::new(|| {
    let mut tables: BTreeMap<&str, Columns> = BTreeMap::new();
    for table in TEXT.split('@').skip(1) {
        let Some((head, columns)) = table.split_once('\n') else { continue };
        match head.split_once(' ') {
            Some(("defender", name)) => tables.entry(name).or_default().defender = Some(columns),
            Some((_, name)) => tables.entry(name).or_default().sentinel = Some(columns),
            None => {}
        }
    }
    tables
});

/// Returns the columns of a documented table as an environment has it; `None` if it has no such table, or
/// has it in [`catalog`](crate::catalog).
///
/// Sources: <https://learn.microsoft.com/defender-xdr/advanced-hunting-schema-tables> and
/// <https://learn.microsoft.com/azure/azure-monitor/reference/tables-index>
pub fn documented(environment: Environment, name: &str) -> Option<TableSchema> {
    let columns = TABLES.get(name)?;
    let schema = |text| TableSchema { name: name.to_owned(), columns: read(text) };
    match environment {
        Environment::Defender => columns.defender.map(schema),
        Environment::Sentinel => columns.sentinel.map(schema),
        Environment::Both => match (columns.defender, columns.sentinel) {
            (Some(defender), Some(sentinel)) => Some(merge(schema(defender), &schema(sentinel))),
            (one, other) => one.or(other).map(schema),
        },
    }
}

/// Yields the names of the documented tables of an environment that are not in
/// [`catalog`](crate::catalog), in order.
pub fn documented_names(environment: Environment) -> impl Iterator<Item = &'static str> {
    let has = move |columns: &Columns| match environment {
        Environment::Defender => columns.defender.is_some(),
        Environment::Sentinel => columns.sentinel.is_some(),
        Environment::Both => true,
    };
    TABLES.iter().filter(move |(_, columns)| has(columns)).map(|(name, _)| *name)
}

/// Tells whether Defender has the table and its rows are states: without a time.
pub fn is_of_states(name: &str) -> bool {
    let columns = TABLES.get(name).and_then(|columns| columns.defender).map(read);
    let is_time = |column: &ColumnSchema| ["Timestamp", "TimeGenerated"].contains(&&*column.name);
    columns.is_some_and(|columns| !columns.iter().any(is_time))
}

/// Reads the lines of a table: a letter for the type, and the name.
fn read(text: &str) -> Vec<ColumnSchema> {
    let column = |line: &str| {
        let mut chars = line.chars();
        let ty = ty(chars.next())?;
        Some(ColumnSchema { name: chars.as_str().to_owned(), ty })
    };
    text.lines().filter_map(column).collect()
}

/// Returns the type that a letter stands for; a test asks for that of every line.
const fn ty(letter: Option<char>) -> Option<KqlType> {
    Some(match letter {
        Some('b') => KqlType::Bool,
        Some('d') => KqlType::Dynamic,
        Some('g') => KqlType::Guid,
        Some('i') => KqlType::Int,
        Some('l') => KqlType::Long,
        Some('m') => KqlType::Decimal,
        Some('n') => KqlType::Timespan,
        Some('r') => KqlType::Real,
        Some('s') => KqlType::String,
        Some('t') => KqlType::Datetime,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    #[test]
    fn every_line_is_a_column_and_no_table_is_without() {
        let mut lines = 0;
        for columns in TABLES.values() {
            for text in [columns.defender, columns.sentinel].into_iter().flatten() {
                assert_eq!(read(text).len(), text.lines().count());
                assert!(!text.is_empty());
                lines += text.lines().count() + 1;
            }
        }
        let header = TEXT.lines().position(|line| line.starts_with('@')).unwrap();
        assert_eq!(lines + header, TEXT.lines().count());
        assert!(TABLES.len() > 900, "{}", TABLES.len());
    }

    #[test]
    fn no_table_is_in_both_lists() {
        let own = catalog(Environment::Both);
        let twice: Vec<_> =
            own.iter().filter(|table| TABLES.contains_key(&*table.schema.name)).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }

    #[test]
    fn products_have_their_own_tables_and_columns() {
        let has = |environment, table, column| {
            documented(environment, table).map(|schema| schema.column(column).is_some())
        };
        assert_eq!(has(Environment::Defender, "EmailEvents", "Timestamp"), Some(true));
        assert_eq!(has(Environment::Defender, "EmailEvents", "TimeGenerated"), Some(false));
        assert_eq!(has(Environment::Sentinel, "EmailEvents", "TimeGenerated"), Some(true));
        assert_eq!(has(Environment::Both, "EmailEvents", "Timestamp"), Some(true));
        assert_eq!(has(Environment::Both, "EmailEvents", "TimeGenerated"), Some(true));
        assert_eq!(has(Environment::Defender, "AuditLogs", "Identity"), None);
        assert_eq!(has(Environment::Both, "auditlogs", "Identity"), None);
        assert!(is_of_states("DeviceTvmSoftwareInventory") && !is_of_states("EmailEvents"));
        assert!(documented_names(Environment::Sentinel).any(|name| name == "AuditLogs"));
        assert!(documented_names(Environment::Defender).all(|name| name != "AuditLogs"));
    }
}
