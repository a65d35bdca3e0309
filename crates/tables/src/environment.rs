//! The places for which queries are written, which differ in the columns of the same table.

use kql_types::schema::TableSchema;

/// Where a query expects to run: decides which tables exist and which columns they have.
///
/// The two products publish different columns for a `Device*` table: Sentinel adds `TimeGenerated`
/// and the standard columns of a workspace, types a few columns as `dynamic` where Defender has
/// JSON text in a `string` (`AdditionalFields` above all), and lacks a handful that Defender has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Environment {
    /// Advanced hunting in the Defender portal: the `Device*` tables with `Timestamp` and without
    /// `TimeGenerated`, and the others that Defender XDR documents.
    Defender,
    /// A Sentinel workspace: the `Device*` tables, `SecurityEvent`, `Event` and `WindowsEvent`, what
    /// Sentinel writes itself, `SecurityAlert`, `SecurityIncident` and `SentinelHealth`, and the others
    /// that Log Analytics documents.
    Sentinel,
    /// Both at once, the environment in which queries run: Defender's columns in their order,
    /// then those that only Sentinel has. Where the types differ, Sentinel's counts: `dynamic`
    /// takes `parse_json(AdditionalFields)` as well as `AdditionalFields.PipeName`.
    #[default]
    Both,
}

/// Returns the columns of a table that both products have, as [`Environment::Both`] defines them.
pub(crate) fn merge(defender: TableSchema, sentinel: &TableSchema) -> TableSchema {
    let mut merged = defender;
    for column in &sentinel.columns {
        match merged.columns.iter_mut().find(|have| have.name == column.name) {
            Some(have) => have.ty = column.ty,
            None => merged.columns.push(column.clone()),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use kql_types::KqlType;

    use super::*;
    use crate::parse_schema;

    #[test]
    fn both_keeps_defenders_order_and_takes_sentinels_types() {
        let defender = parse_schema("T", "name,type\nTimestamp,datetime\nFields,string\n").unwrap();
        let sentinel =
            parse_schema("T", "name,type\nTenantId,string\nFields,dynamic\nTimestamp,datetime\n")
                .unwrap();
        let both = merge(defender, &sentinel);
        let columns: Vec<_> = both.columns.iter().map(|c| (c.name.as_str(), c.ty)).collect();
        assert_eq!(
            columns,
            [
                ("Timestamp", KqlType::Datetime),
                ("Fields", KqlType::Dynamic),
                ("TenantId", KqlType::String),
            ]
        );
    }
}
