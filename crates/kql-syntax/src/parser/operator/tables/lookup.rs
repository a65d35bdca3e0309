//! `lookup kind=leftouter (T) on a`

use crate::{
    ast::{Clause, OperatorKind},
    parser::Parser,
};

impl Parser<'_> {
    pub(in crate::parser::operator) fn lookup(&mut self) -> OperatorKind {
        let params = self.params(&[]);
        let right = self.boxed_expression();
        let on = self.on();
        if on.is_none() {
            self.report_missing_on();
        }
        let on = Clause { conditions: on.unwrap_or_default(), is_where: false };
        OperatorKind::Lookup { params, right, on }
    }
}
