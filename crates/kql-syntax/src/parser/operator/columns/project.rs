//! The operators that choose, rename and order columns

use crate::{
    ast::{Expr, ExprKind, OperatorKind, OrderKey},
    parser::{
        Parser,
        expression::{expr::error_expr, literal::name_expr},
        list::ListRule,
        name::NameUse,
    },
};

impl Parser<'_> {
    pub(in crate::parser::operator) fn project(&mut self) -> OperatorKind {
        OperatorKind::Project(self.comma_list(ListRule::Any, Self::named_expr))
    }

    pub(in crate::parser::operator) fn project_rename(&mut self) -> OperatorKind {
        OperatorKind::ProjectRename(self.comma_list(ListRule::Any, Self::named_expr))
    }

    pub(in crate::parser::operator) fn project_away(&mut self) -> OperatorKind {
        OperatorKind::ProjectAway(self.comma_list(ListRule::Any, Self::column_pattern))
    }

    pub(in crate::parser::operator) fn project_keep(&mut self) -> OperatorKind {
        OperatorKind::ProjectKeep(self.comma_list(ListRule::Any, Self::column_pattern))
    }

    pub(in crate::parser::operator) fn project_by_names(&mut self) -> OperatorKind {
        OperatorKind::ProjectByNames(self.comma_list(ListRule::Any, Self::expression))
    }

    pub(in crate::parser::operator) fn project_reorder(&mut self) -> OperatorKind {
        OperatorKind::ProjectReorder(self.comma_list(ListRule::Any, Self::reordered_column))
    }

    fn reordered_column(&mut self) -> OrderKey {
        let expr = Self::unnamed(self.column_pattern());
        OrderKey { expr, direction: self.order_direction(), nulls_first: None }
    }

    /// `a`, `a*`, `['a b']`
    pub(in crate::parser::operator) fn column_pattern(&mut self) -> Expr {
        let start = self.span();
        let len = self.wildcard_len(0);
        if len > 0 {
            let name = self.joined_name(len);
            return Expr { kind: ExprKind::Wildcard(name.text), span: name.span };
        }
        self.expect_name(NameUse::Reference, "or a pattern of columns")
            .map_or_else(|| error_expr(start), name_expr)
    }
}
