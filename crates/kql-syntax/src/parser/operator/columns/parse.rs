//! `parse kind=regex text with * "x" name: type`, and `parse-where`

use crate::{
    ast::{ColumnDecl, Literal, OperatorKind, ParsePart},
    lexer::{Keyword, TokenKind},
    parser::{
        Parser,
        name::{NameUse, missing_name},
    },
};

impl Parser<'_> {
    pub(in crate::parser::operator) fn parse(&mut self, filter: bool) -> OperatorKind {
        let params = self.params(&["flags"]);
        let source = self.boxed_expression();
        self.expect_keyword(Keyword::With, "with", "and the pattern after the text");
        let mut pattern = Vec::new();
        while let Some(part) = self.parse_part() {
            pattern.push(part);
        }
        OperatorKind::Parse { filter, params, source, pattern }
    }

    fn parse_part(&mut self) -> Option<ParsePart> {
        let start = self.span();
        match self.kind() {
            TokenKind::Star => {
                self.bump();
                return Some(ParsePart::Star(start));
            }
            TokenKind::String | TokenKind::TypographicString => {
                let text = self.joined_strings();
                return Some(ParsePart::Text(Literal::String(text), self.span_from(start)));
            }
            _ => {}
        }
        let name = self.name(NameUse::Declaration);
        if name.is_none() && !self.at(TokenKind::Colon) {
            return None;
        }
        if name.is_none() {
            self.unexpected("a name before `:`");
        }
        let ty = self.eat(TokenKind::Colon).and_then(|_| self.column_type());
        let name = name.unwrap_or_else(|| missing_name(start));
        Some(ParsePart::Column(ColumnDecl { name, ty, default: None }))
    }
}
