//! `lookup`

use std::collections::HashSet;

use kql_syntax::{
    Span,
    ast::{self, Clause, Param},
};

use super::{
    super::{
        parameter,
        parts::build::{select, select_renamed},
        word,
    },
    join::{joined, right_keys, side_by_side},
};
use crate::{
    binder::Binder,
    codes,
    tree::{Column, JoinKind, Relation},
};

impl Binder<'_> {
    /// Adds the columns of a table of facts, without its keys.
    pub(in crate::operators) fn bind_lookup(
        &mut self,
        left: Relation,
        params: &[Param],
        right: &ast::Expr,
        on: &Clause,
        span: Span,
    ) -> Relation {
        let kind = self.lookup_kind(params);
        let right = self.bind_rows(right);
        self.note_right_side(span, &right);
        let mut keys = HashSet::new();
        for condition in &on.conditions {
            right_keys(condition, &mut keys);
        }
        let facts: Vec<Column> =
            right.columns.iter().filter(|it| !keys.contains(&*it.name)).cloned().collect();
        let columns = side_by_side(&left.columns, &facts);
        let on = self.bind_conditions(&left, &right, &on.conditions);
        let joined = joined(kind, left, right, on, span);
        if joined.has_open_schema() {
            return select(joined, columns, span);
        }
        select_renamed(joined, columns, span)
    }

    fn lookup_kind(&mut self, params: &[Param]) -> JoinKind {
        let Some(kind) = parameter(params, "kind") else { return JoinKind::LeftOuter };
        match word(kind) {
            Some("inner") => JoinKind::Inner,
            Some("leftouter") | None => JoinKind::LeftOuter,
            Some(other) => {
                let message = format!("`lookup` has no kind `{other}`");
                let help = Some("`leftouter` or `inner`".to_owned());
                self.error_with_help(codes::UNKNOWN_PARAMETER_VALUE, kind.span, message, help);
                JoinKind::LeftOuter
            }
        }
    }
}
