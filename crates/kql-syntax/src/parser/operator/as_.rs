//! `as name`

use crate::{
    ast::OperatorKind,
    parser::{
        Parser,
        name::{NameUse, missing_name},
    },
};

impl Parser<'_> {
    pub(super) fn as_operator(&mut self) -> OperatorKind {
        let params = self.params(&[]);
        let at = self.span();
        let name =
            self.expect_name(NameUse::Reference, "after `as`").unwrap_or_else(|| missing_name(at));
        OperatorKind::As { params, name }
    }
}
