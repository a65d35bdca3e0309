//! `take n`, and `limit n`

use crate::{ast::OperatorKind, parser::Parser};

impl Parser<'_> {
    pub(in crate::parser::operator) fn take(&mut self) -> OperatorKind {
        let params = self.params(&[]);
        OperatorKind::Take { params, count: self.boxed_expression() }
    }
}
