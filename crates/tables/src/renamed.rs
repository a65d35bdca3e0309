//! Tables and columns that Microsoft has renamed or replaced: what queries found elsewhere still say.

const TEXT: &str = include_str!("../schemas/renamed.csv");

/// Returns what a table is called today, or the tables in whose place it was.
///
/// Sources: <https://learn.microsoft.com/defender-xdr/advanced-hunting-schema-changes> and
/// <https://learn.microsoft.com/azure/sentinel/work-with-stix-objects-indicators>
pub fn renamed_table(name: &str) -> impl Iterator<Item = &'static str> {
    renamed(name, |table, column| column.is_empty().then_some(table))
}

/// Returns what a column is called today, in whatever table it is.
///
/// Source: <https://learn.microsoft.com/defender-xdr/advanced-hunting-schema-changes>
pub fn renamed_column(name: &str) -> impl Iterator<Item = &'static str> {
    renamed(name, |table, column| table.is_empty().then_some(column))
}

fn renamed(
    name: &str,
    old: fn(&'static str, &'static str) -> Option<&'static str>,
) -> impl Iterator<Item = &'static str> {
    let mut lines = TEXT.lines().skip(1).filter_map(move |line| {
        let mut cells = line.split(',');
        let (table, column, now) = (cells.next()?, cells.next()?, cells.next()?);
        (old(table, column)? == name).then_some(now)
    });
    lines.next().into_iter().flat_map(|now| now.split(';'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Environment, catalog, documented};

    #[test]
    fn tables_and_columns_are_apart() {
        let table = |name| renamed_table(name).collect::<Vec<_>>();
        assert_eq!(table("ProcessCreationEvents"), ["DeviceProcessEvents"]);
        assert_eq!(table("AlertEvents"), ["AlertInfo", "AlertEvidence"]);
        assert_eq!(table("MachineId"), [""; 0]);
        assert_eq!(table(""), [""; 0]);
        assert_eq!(renamed_column("MachineId").collect::<Vec<_>>(), ["DeviceId"]);
        assert_eq!(renamed_column("AlertEvents").count(), 0);
    }

    #[test]
    fn what_they_are_called_today_is_there() {
        let own = catalog(Environment::Both);
        let schema = |name: &str| {
            let own = own.iter().find(|it| it.schema.name == name).map(|it| it.schema.clone());
            own.or_else(|| documented(Environment::Both, name))
        };
        for line in TEXT.lines().skip(1) {
            let [table, column, now] = line.split(',').collect::<Vec<_>>()[..] else {
                panic!("{line}: three cells")
            };
            assert!(table.is_empty() != column.is_empty(), "{line}");
            for now in now.split(';') {
                let is_there = if column.is_empty() {
                    schema(now).is_some()
                } else {
                    let tables = crate::documented_names(Environment::Both).filter_map(&schema);
                    let mut all = tables.chain(own.iter().map(|it| it.schema.clone()));
                    all.any(|schema| schema.column(now).is_some())
                };
                assert!(is_there, "{line}");
            }
        }
    }
}
