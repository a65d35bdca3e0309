//! Parameters of operators: `kind=inner hint.strategy=shuffle`.

use super::{Parser, bracket::Bracket, expression::expr::error_expr, list::ListRule};
use crate::{
    ast::{Name, Param},
    lexer::TokenKind,
};

/// Names that are parameters wherever an operator takes any, if `=` follows.
const KNOWN: [&str; 20] = [
    "__crossCluster",
    "__crossDB",
    "__id",
    "__isFuzzy",
    "__noWithSource",
    "__packedColumn",
    "__sourceColumnIndex",
    "bagexpansion",
    "bin_legacy",
    "cycles",
    "decodeblocks",
    "expandoutput",
    "force_remote",
    "isfuzzy",
    "kind",
    "with_itemindex",
    "with_match_id",
    "with_source",
    "with_step_name",
    "withsource",
];

impl Parser<'_> {
    /// Reads parameters, those any operator takes and those named in `own`.
    pub(super) fn params(&mut self, own: &[&str]) -> Vec<Param> {
        let mut params = Vec::new();
        loop {
            let len = self.param_name_len(own);
            if len == 0 {
                return params;
            }
            params.push(self.param(len));
        }
    }

    /// Reads a parameter whose name, of `len` tokens, and `=` the caller has seen.
    fn param(&mut self, len: usize) -> Param {
        let name = self.joined_name(len);
        self.bump();
        self.param_value(name)
    }

    /// Reads a parameter's value.
    pub(super) fn param_value(&mut self, name: Name) -> Param {
        let value = self.literal_or_word().unwrap_or_else(|| {
            self.unexpected(&format!("a value of `{}`", name.text));
            error_expr(self.span())
        });
        Param { name, value }
    }

    /// Returns how many tokens a parameter's name takes, if `=` follows it.
    fn param_name_len(&self, own: &[&str]) -> usize {
        let is_word = |kind| matches!(kind, TokenKind::Identifier | TokenKind::Keyword(_));
        if !is_word(self.kind()) {
            return 0;
        }
        let word = self.word();
        let len = if word == "hint" && self.kind_at(1) == TokenKind::Dot && is_word(self.kind_at(2))
        {
            3
        } else if KNOWN.contains(&word) || own.contains(&word) {
            1
        } else {
            return 0;
        };
        if self.kind_at(len) == TokenKind::Equal { len } else { 0 }
    }

    /// Reads `(name = value, …)`; `context` says after what.
    pub(super) fn param_list(&mut self, context: &str) -> Vec<Param> {
        let Some(open) = self.open(Bracket::Paren, context) else { return Vec::new() };
        self.eat(TokenKind::Comma);
        let params = self.comma_list(ListRule::Any, Self::listed_param);
        self.close(Bracket::Paren, open, Some("`,`"));
        params.into_iter().flatten().collect()
    }

    /// Reads `name = value` where only that may stand.
    pub(super) fn listed_param(&mut self) -> Option<Param> {
        if !matches!(self.kind(), TokenKind::Identifier | TokenKind::Keyword(_)) {
            self.unexpected("the name of a property");
            return None;
        }
        let name = self.joined_name(1);
        self.expect(TokenKind::Equal, "=", "after the property's name");
        Some(self.param_value(name))
    }
}
