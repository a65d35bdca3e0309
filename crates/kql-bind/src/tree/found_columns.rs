//! Columns that only the data knows: those of `bag_unpack` and `pivot` without a declared schema.
//!
//! A query with such a call is bound twice. The first time its columns are open, and the bound query has
//! a [`Question`]: rows that tell them. Whoever can run those passes what they say to
//! [`bind_with`](crate::bind_with). What stands behind the call may ask again.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use kql_types::{KqlType, Value};

use super::Relation;

/// A call of a plugin within a query: where it stands, and which of the times that it is bound.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallSite {
    /// The view or saved function whose text it stands in; the query's own if there is none.
    pub(crate) within: Option<Arc<str>>,
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) time: usize,
}

/// The columns of calls, as the data has them.
pub type FoundColumns = BTreeMap<CallSite, Found>;

/// The columns of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found(pub(crate) Vec<FoundColumn>);

/// A column of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FoundColumn {
    /// The property, or the value that is pivoted.
    pub(crate) name: String,
    /// The type of the values; `None` where that is not known of the engine.
    pub(crate) ty: Option<KqlType>,
}

/// Rows that tell which columns a call makes.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The call.
    pub site: CallSite,
    /// The rows: of `bag_unpack` key, kind of value, and whether it may be read as a time; of `pivot`
    /// the value.
    pub rows: Relation,
}

impl Question {
    /// Returns what the question's rows say, in whatever order they are.
    ///
    /// Null values say nothing, as the engine ignores them. Values of different types make a dynamic.
    ///
    /// Source: <https://learn.microsoft.com/kusto/query/bag-unpack-plugin>
    pub fn answer(rows: &[Vec<Value>]) -> Found {
        let mut types: BTreeMap<String, BTreeSet<Option<KqlType>>> = BTreeMap::new();
        for row in rows {
            match row.as_slice() {
                [Value::String(value)] => {
                    types.insert(value.clone(), BTreeSet::from([Some(KqlType::Long)]));
                }
                [Value::String(key), Value::String(kind), Value::Bool(is_time)] => {
                    let ty = match &**kind {
                        "null" => continue,
                        "string" if *is_time == Some(true) => None,
                        kind => Some(type_of_kind(kind)),
                    };
                    types.entry(key.clone()).or_default().insert(ty);
                }
                _ => {}
            }
        }
        let column = |(name, types): (String, BTreeSet<Option<KqlType>>)| {
            let ty = match types.first() {
                _ if types.contains(&None) => None,
                Some(ty) if types.len() == 1 => *ty,
                _ => Some(KqlType::Dynamic),
            };
            FoundColumn { name, ty }
        };
        Found(types.into_iter().map(column).collect())
    }
}

/// Returns the type of the column that a value makes, by what `gettype` calls it.
fn type_of_kind(kind: &str) -> KqlType {
    match kind {
        "bool" => KqlType::Bool,
        "int" | "long" => KqlType::Long,
        "double" | "real" => KqlType::Real,
        "string" => KqlType::String,
        _ => KqlType::Dynamic,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(key: &str, kind: &str, is_time: bool) -> Vec<Value> {
        let text = |text: &str| Value::String(text.to_owned());
        vec![text(key), text(kind), Value::Bool(Some(is_time))]
    }

    #[test]
    fn types_are_those_of_all_values_that_are_not_null() {
        let rows = [
            row("b", "long", false),
            row("a", "string", false),
            row("b", "null", false),
            row("c", "double", false),
            row("c", "long", false),
            row("d", "null", false),
            row("e", "array", false),
            row("f", "string", true),
            row("f", "string", false),
        ];
        let expected = [
            ("a", Some(KqlType::String)),
            ("b", Some(KqlType::Long)),
            ("c", Some(KqlType::Dynamic)),
            ("e", Some(KqlType::Dynamic)),
            ("f", None),
        ];
        let expected = expected.map(|(name, ty)| FoundColumn { name: name.to_owned(), ty });
        assert_eq!(Question::answer(&rows).0, expected);
        let reversed: Vec<_> = rows.iter().rev().cloned().collect();
        assert_eq!(Question::answer(&reversed).0, expected);
    }
}
