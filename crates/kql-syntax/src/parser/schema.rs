//! Columns with their types: `(a: long, b: string)`.

use super::{
    Parser,
    bracket::Bracket,
    list::ListRule,
    name::{NameUse, missing_name},
};
use crate::{
    Diagnostic,
    ast::{ColumnDecl, Name},
    code,
    lexer::{Keyword, TokenKind},
};

impl Parser<'_> {
    /// Reads `(a: long, b: string)`, commas at either end allowed; reports if there is none.
    pub(super) fn row_schema(&mut self, context: &str) -> Vec<ColumnDecl> {
        let Some(open) = self.open(Bracket::Paren, context) else { return Vec::new() };
        self.eat(TokenKind::Comma);
        let columns = self.comma_list(ListRule::TrailingComma, Self::column_decl);
        self.close(Bracket::Paren, open, Some("`,`"));
        columns
    }

    /// Reads `name: type`.
    pub(super) fn column_decl(&mut self) -> ColumnDecl {
        let start = self.span();
        let name = self.expect_name(NameUse::Declaration, "of a column");
        if name.is_none() && !self.at(TokenKind::Colon) {
            self.skip_until(|parser| parser.at(TokenKind::Comma));
            return ColumnDecl { name: missing_name(start), ty: None, default: None };
        }
        let ty = self
            .expect(TokenKind::Colon, ":", "and a type after the column's name")
            .then(|| self.column_type())
            .flatten();
        ColumnDecl { name: name.unwrap_or_else(|| missing_name(start)), ty, default: None }
    }

    /// Reads the name of a type that a column may have, and reports any other.
    pub(super) fn column_type(&mut self) -> Option<Name> {
        if self.at_keyword(Keyword::Type) || self.at_keyword(Keyword::Dynamic) {
            return Some(self.joined_name(1));
        }
        if matches!(self.kind(), TokenKind::Identifier | TokenKind::Keyword(_)) {
            let message = format!("unknown type `{}`", self.word());
            let mut diagnostic = Diagnostic::error(code::UNKNOWN_TYPE, self.span(), message);
            if let Some(known) = current_spelling(self.word()) {
                diagnostic = diagnostic.with_help(format!("use `{known}`"));
            } else {
                diagnostic = diagnostic.with_help(
                    "types are bool, datetime, decimal, dynamic, guid, int, long, real, string and \
                     timespan",
                );
            }
            self.report(diagnostic);
            self.bump();
            return None;
        }
        self.unexpected("a type");
        None
    }

    /// Reads the name of any type, as `typeof(…)` takes it.
    pub(super) fn any_type(&mut self) -> Option<Name> {
        let is_type = self.at_keyword(Keyword::Type)
            || self.at_keyword(Keyword::Dynamic)
            || self.at_keyword(Keyword::LegacyType)
            || self.at(TokenKind::Identifier);
        is_type.then(|| self.joined_name(1))
    }
}

/// Returns the type that is called so in other languages.
fn current_spelling(word: &str) -> Option<&'static str> {
    Some(match word.to_ascii_lowercase().as_str() {
        "bool" | "boolean" | "bit" => "bool",
        "str" | "string" | "text" | "varchar" | "char" => "string",
        "int" | "integer" | "int16" | "int32" | "uint16" | "short" => "int",
        "long" | "int64" | "bigint" | "uint" | "uint32" | "uint64" | "ulong" => "long",
        "float" | "double" | "real" | "number" => "real",
        "date" | "time" | "timestamp" | "datetime" => "datetime",
        "timespan" | "interval" | "duration" => "timespan",
        "guid" | "uuid" => "guid",
        "json" | "object" | "array" | "dynamic" => "dynamic",
        _ => return None,
    })
}
