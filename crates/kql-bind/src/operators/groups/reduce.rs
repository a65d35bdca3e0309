//! `reduce`

use kql_syntax::{Span, ast::NamedExpr};
use kql_types::KqlType;

use crate::{
    binder::{Binder, Row, Scope, opaque},
    tree::Relation,
};

impl Binder<'_> {
    /// Groups texts by patterns: the pattern, how many follow it, and one of them.
    pub(in crate::operators) fn bind_reduce(
        &mut self,
        rows: Relation,
        by: &NamedExpr,
        span: Span,
    ) -> Relation {
        let row = Row::of(&rows);
        self.bind_scalar(&by.value, Scope::over(&row));
        let columns = vec![
            self.fresh_column("Pattern", KqlType::String),
            self.fresh_column("Count", KqlType::Long),
            self.fresh_column("Representative", KqlType::String),
        ];
        opaque("reduce", vec![rows], columns, false, span)
    }
}
