//! `graph-where-nodes p`, `graph-where-edges p`

use crate::{ast::OperatorKind, parser::Parser};

impl Parser<'_> {
    pub(in crate::parser::operator) fn graph_where(&mut self, edges: bool) -> OperatorKind {
        OperatorKind::GraphWhere { edges, predicate: self.boxed_expression() }
    }
}
