//! `consume`

use kql_syntax::Span;

use super::super::parts::build::{long, select};
use crate::tree::{Relation, RelationKind};

/// Makes no rows of any, and without columns.
///
/// Source: <https://learn.microsoft.com/kusto/query/consume-operator>
pub(in crate::operators) fn nothing_of(rows: Relation, span: Span) -> Relation {
    let kind = RelationKind::Take {
        input: Box::new(select(rows, Vec::new(), span)),
        count: Box::new(long(0, span)),
    };
    Relation { kind, columns: Vec::new(), span }
}
