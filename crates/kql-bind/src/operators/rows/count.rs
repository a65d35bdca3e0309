//! `count`

use kql_syntax::{Span, ast::Name};
use kql_types::KqlType;

use crate::{
    binder::Binder,
    tree::{Aggregate, Relation, RelationKind},
};

impl Binder<'_> {
    /// Makes one row of the number of rows, in a column `Count` or the one named after `as`.
    pub(in crate::operators) fn bind_count(
        &mut self,
        rows: Relation,
        name: Option<&Name>,
        span: Span,
    ) -> Relation {
        let name = name.map_or("Count", |name| name.text.as_str());
        let column = self.fresh_column(name, KqlType::Long);
        let aggregate = Aggregate {
            function: "count",
            args: Vec::new(),
            filter: None,
            outputs: vec![column.clone()],
            span,
        };
        let kind = RelationKind::Aggregate {
            input: Box::new(rows),
            keys: Vec::new(),
            aggregates: vec![aggregate],
        };
        Relation { kind, columns: vec![column], span }
    }
}
