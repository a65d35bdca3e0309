//! `evaluate plugin(args) : (schema)`

use crate::{
    ast::{Call, ColumnDecl, EvaluateArgs, OperatorKind},
    lexer::TokenKind,
    parser::{
        Parser,
        bracket::Bracket,
        list::ListRule,
        name::{NameUse, missing_name},
    },
};

impl Parser<'_> {
    pub(super) fn evaluate(&mut self) -> OperatorKind {
        let params = self.params(&[]);
        let at = self.span();
        let name = self.expect_name(NameUse::Reference, "of a plugin");
        let args = if name.is_some() { self.arguments() } else { Vec::new() };
        let name = name.unwrap_or_else(|| missing_name(at));
        let call = Call { name, args, span: self.span_from(at) };
        let (schema, schema_keeps_input) = match self.eat(TokenKind::Colon) {
            Some(_) => self.output_schema(),
            None => (None, false),
        };
        OperatorKind::Evaluate(EvaluateArgs { params, call, schema, schema_keeps_input })
    }

    /// `(*, a: long)`: the columns, and whether the input's come first.
    fn output_schema(&mut self) -> (Option<Vec<ColumnDecl>>, bool) {
        let Some(open) = self.open(Bracket::Paren, "before the columns") else {
            return (None, false);
        };
        self.eat(TokenKind::Comma);
        let keeps_input = self.eat(TokenKind::Star).is_some();
        if keeps_input && !self.at(TokenKind::CloseParen) {
            self.expect(TokenKind::Comma, ",", "after `*`");
        }
        let columns = self.comma_list(ListRule::TrailingComma, Self::column_decl);
        self.close(Bracket::Paren, open, Some("`,`"));
        (Some(columns), keeps_input)
    }
}
