//! `serialize a = row_number()`

use crate::{
    ast::OperatorKind,
    parser::{Parser, list::ListRule},
};

impl Parser<'_> {
    pub(in crate::parser::operator) fn serialize(&mut self) -> OperatorKind {
        let params = self.params(&[]);
        let columns = self.comma_list(ListRule::Any, Self::named_expr);
        OperatorKind::Serialize { params, columns }
    }
}
