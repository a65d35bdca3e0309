//! `count`

use kql_syntax::{Span, ast::Name};
use kql_types::KqlType;

use crate::{
    binder::Binder,
    tree::{Aggregate, Relation, RelationKind},
};

impl Binder<'_> {
    /// Makes one row of the number of rows, as `Count`; `as name` calls the rows so.
    pub(super) fn bind_count(
        &mut self,
        rows: Relation,
        name: Option<&Name>,
        span: Span,
    ) -> Relation {
        let column = self.fresh_column("Count", KqlType::Long);
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
        let counted = Relation { kind, columns: vec![column], span };
        match name {
            Some(name) => self.bind_as(counted, name),
            None => counted,
        }
    }
}
