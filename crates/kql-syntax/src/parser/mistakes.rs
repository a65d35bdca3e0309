//! Mistakes that people really make, told apart from the rest.

use super::Parser;
use crate::{
    Diagnostic, Span,
    ast::{Expr, MatchOp},
    code,
    lexer::{Keyword, TokenKind, find, operator_words},
    parser::expression::expr::error_expr,
};

impl Parser<'_> {
    /// Returns what is wrong if the current token is a mistake whatever was expected in its place.
    pub(super) fn known_mistake(&self) -> Option<Diagnostic> {
        if let Some(not) = self.not_before() {
            return Some(not_as_operator(not, "write `not(…)`".to_owned()));
        }
        match self.kind() {
            TokenKind::Unknown => Some(self.unknown_character()),
            TokenKind::NegatedWord => Some(self.unknown_negation()),
            TokenKind::Pipe if self.at_double(TokenKind::Pipe) => {
                Some(self.foreign_operator(self.span().to(self.token(1).span), "or"))
            }
            TokenKind::Identifier if self.word().eq_ignore_ascii_case("not") => {
                Some(self.misplaced_not())
            }
            TokenKind::Identifier if self.word().eq_ignore_ascii_case("is") => Some(
                Diagnostic::error(code::FOREIGN_OPERATOR, self.span(), "`is` is not an operator")
                    .with_help("use `isnull(…)`, `isnotnull(…)`, `isempty(…)` or `isnotempty(…)`"),
            ),
            TokenKind::Identifier => self.wrong_case(),
            TokenKind::Directive => Some(
                Diagnostic::error(code::LATE_DIRECTIVE, self.span(), "`#` within a statement")
                    .with_help("a comment starts with `//`"),
            ),
            _ => None,
        }
    }

    fn unknown_character(&self) -> Diagnostic {
        let word = self.word();
        if word == "!" {
            return Diagnostic::error(
                code::FOREIGN_OPERATOR,
                self.span(),
                "`!` is not an operator",
            )
            .with_help("use `not(…)`");
        }
        if word == "&" {
            return self.foreign_operator(self.span(), "and");
        }
        let character = word.chars().next().unwrap_or(' ');
        if "‘’“”„‚«»".contains(character) {
            let message = format!("typographic quote `{character}`");
            return Diagnostic::error(code::TYPOGRAPHIC_QUOTES, self.span(), message)
                .with_help("use straight quotes: `\"` or `'`");
        }
        let message = if character.is_control() {
            format!("unknown character U+{:04X}", u32::from(character))
        } else {
            format!("unknown character `{character}`")
        };
        let diagnostic = Diagnostic::error(code::UNKNOWN_CHARACTER, self.span(), message);
        if character.is_alphanumeric() {
            diagnostic.with_help("put names with such characters in brackets: `['…']`")
        } else if matches!(character, '–' | '—' | '−') {
            diagnostic.with_help("use `-`")
        } else {
            diagnostic
        }
    }

    fn unknown_negation(&self) -> Diagnostic {
        let word = self.shown_word();
        let positive = word.trim_start_matches('!');
        let help = match positive {
            "has_any" | "has_all" => format!("write `not(x {positive} (…))`"),
            "matches" => "write `not(x matches regex \"…\")`".to_owned(),
            _ => format!("write `not({positive}(…))`"),
        };
        let message = format!("there is no operator `{word}`");
        Diagnostic::error(code::UNKNOWN_NEGATION, self.span(), message).with_help(help)
    }

    fn misplaced_not(&self) -> Diagnostic {
        let next = self.text_of(self.token(1).span).to_lowercase();
        let help = if find(&format!("!{next}")).is_some() {
            format!("write `!{next}`")
        } else {
            "write `not(…)`".to_owned()
        };
        not_as_operator(self.span(), help)
    }

    /// Returns the place of a `not` right before the current token.
    fn not_before(&self) -> Option<Span> {
        let before = self.pos.checked_sub(1).and_then(|at| self.tokens.get(at))?;
        let is_not = before.kind == TokenKind::Identifier
            && self.text_of(before.span).eq_ignore_ascii_case("not")
            && !self.at_boundary();
        is_not.then_some(before.span)
    }

    /// Returns the mistake if the current name would be a reserved keyword in lower case.
    fn wrong_case(&self) -> Option<Diagnostic> {
        let word = self.word();
        let lower = word.to_lowercase();
        let keyword = find(&lower)?;
        if lower == word || !(keyword.is_operator() || is_infix(keyword) || is_clause(keyword)) {
            return None;
        }
        Some(
            Diagnostic::error(
                code::WRONG_CASE,
                self.span(),
                format!("`{word}` is not in lower case"),
            )
            .with_help(format!("keywords are case-sensitive: write `{lower}`")),
        )
    }

    fn foreign_operator(&self, span: Span, ours: &str) -> Diagnostic {
        let message = format!("`{}` is not an operator", self.text_of(span));
        Diagnostic::error(code::FOREIGN_OPERATOR, span, message).with_help(format!("use `{ours}`"))
    }

    /// Returns whether the current token and, without space, the next one are of this kind.
    fn at_double(&self, kind: TokenKind) -> bool {
        self.at(kind) && self.kind_at(1) == kind && self.is_adjacent(1)
    }

    /// After an operand, takes what is meant as an operator for one: reports it and changes the
    /// token, so that reading goes on as if it had been written well.
    pub(super) fn repair_infix(&mut self) {
        match self.kind() {
            TokenKind::Unknown if self.word() == "&" => self.repair_and(),
            TokenKind::Pipe if self.at_double(TokenKind::Pipe) => self.repair_or(),
            TokenKind::Identifier => self.repair_word(),
            TokenKind::NegatedWord => self.repair_negation(),
            _ => {}
        }
    }

    fn repair_and(&mut self) {
        let mut span = self.span();
        if self.at_double(TokenKind::Unknown) {
            span = span.to(self.token(1).span);
        }
        let diagnostic = self.foreign_operator(span, "and");
        self.report(diagnostic);
        if span != self.span() {
            self.bump();
        }
        self.replace(TokenKind::Keyword(Keyword::And));
    }

    /// `||`, unless an operator follows: then a pipe was doubled.
    fn repair_or(&mut self) {
        if matches!(self.kind_at(2), TokenKind::Keyword(keyword) if keyword.is_operator()) {
            return;
        }
        let diagnostic = self.foreign_operator(self.span().to(self.token(1).span), "or");
        self.report(diagnostic);
        self.bump();
        self.replace(TokenKind::Keyword(Keyword::Or));
    }

    fn repair_word(&mut self) {
        let word = self.word();
        let lower = word.to_lowercase();
        if lower == "not" {
            self.repair_not();
        } else if lower != word
            && let Some(keyword) = find(&lower)
            && is_infix(keyword)
            && let Some(diagnostic) = self.wrong_case()
        {
            self.report(diagnostic);
            self.replace(TokenKind::Keyword(keyword));
        }
    }

    /// `a not in (…)`
    fn repair_not(&mut self) {
        let next = self.text_of(self.token(1).span).to_lowercase();
        let Some(keyword) = find(&format!("!{next}")) else { return };
        let diagnostic = self.misplaced_not();
        self.report(diagnostic);
        self.bump();
        self.replace(TokenKind::Keyword(keyword));
    }

    /// `a !has_any (…)`: taken for the positive operator, which takes the same operands.
    fn repair_negation(&mut self) {
        let Some(
            keyword @ Keyword::Match(MatchOp::HasAny | MatchOp::HasAll | MatchOp::MatchesRegex),
        ) = find(self.word().trim_start_matches('!'))
        else {
            return;
        };
        let diagnostic = self.unknown_negation();
        self.report(diagnostic);
        self.replace(TokenKind::Keyword(keyword));
    }

    /// Makes the current token one of another kind.
    fn replace(&mut self, kind: TokenKind) {
        if let Some(token) = self.tokens.get_mut(self.pos) {
            token.kind = kind;
        }
    }

    /// At the start of a statement, takes `LET` for `let`, and reports it.
    pub(super) fn repair_statement(&mut self) {
        if self.at(TokenKind::Identifier)
            && self.word().eq_ignore_ascii_case("let")
            && self.kind_at(2) == TokenKind::Equal
            && let Some(diagnostic) = self.wrong_case()
        {
            self.report(diagnostic);
            self.replace(TokenKind::Keyword(Keyword::Let));
        }
    }

    /// After a pipe, takes an operator in the wrong case for what is meant, and reports it.
    pub(super) fn repair_operator(&mut self) {
        if !self.at(TokenKind::Identifier) {
            return;
        }
        let lower = self.word().to_lowercase();
        if let Some(keyword) = find(&lower).filter(|keyword| keyword.is_operator())
            && let Some(diagnostic) = self.wrong_case()
        {
            self.report(diagnostic);
            self.replace(TokenKind::Keyword(keyword));
        }
    }

    /// Reports that there is no operator after a pipe, and suggests the nearest.
    pub(super) fn report_unknown_operator(&mut self) {
        let word = self.word();
        let message = match self.kind() {
            TokenKind::Identifier | TokenKind::Keyword(_) => {
                format!("unknown operator `{}`", self.shown_word())
            }
            _ => format!("expected an operator, found {}", self.found()),
        };
        let mut diagnostic = Diagnostic::error(code::UNKNOWN_OPERATOR, self.span(), message);
        if let Some(meant) = foreign_operator_word(word).or_else(|| nearest(word)) {
            diagnostic = diagnostic.with_help(format!("did you mean `{meant}`?"));
        } else if self.at_boundary() {
            diagnostic = diagnostic.with_help("remove the `|`, or add an operator such as `where`");
        }
        self.report(diagnostic);
    }

    /// Reports and skips a query in another language.
    pub(super) fn foreign_query(&mut self) -> Option<Expr> {
        if self.at(TokenKind::Dot) {
            return Some(self.management_command());
        }
        let word = self.word().to_lowercase();
        let is_sql = self.at(TokenKind::Identifier)
            && matches!(word.as_str(), "select" | "insert" | "update" | "delete")
            && matches!(
                self.kind_at(1),
                TokenKind::Identifier | TokenKind::Star | TokenKind::Keyword(_)
            );
        if !is_sql {
            return None;
        }
        let start = self.span();
        let diagnostic = Diagnostic::error(code::SQL, start, format!("`{}` is SQL", self.word()))
            .with_help("write `Table | where … | project …`");
        self.report(diagnostic);
        self.skip_to_boundary();
        Some(error_expr(start))
    }

    /// `.show tables`
    fn management_command(&mut self) -> Expr {
        let start = self.span();
        let diagnostic = Diagnostic::error(
            code::MANAGEMENT_COMMAND,
            start,
            "`.` starts a management command, not a query",
        )
        .with_help("only queries run here");
        self.report(diagnostic);
        self.pos = self.tokens.len();
        error_expr(start)
    }

    /// Reports a comment in `/* */`.
    pub(super) fn report_block_comment(&mut self, span: Span) {
        let diagnostic =
            Diagnostic::error(code::BLOCK_COMMENT, span, "KQL has no comments in `/* */`")
                .with_help("start each line with `//`");
        self.report_past(diagnostic);
    }

    /// Reports `(a, b) = value` as an argument.
    pub(super) fn report_names_as_argument(&mut self, start: Span) {
        let diagnostic = Diagnostic::error(
            code::UNEXPECTED,
            self.span_from(start),
            "expected one name before `=`",
        );
        self.report_past(diagnostic);
    }
}

fn not_as_operator(at: Span, help: String) -> Diagnostic {
    Diagnostic::error(code::NOT_IS_A_FUNCTION, at, "`not` is a function, no operator")
        .with_help(help)
}

/// Returns whether a keyword stands between operands.
const fn is_infix(keyword: Keyword) -> bool {
    matches!(
        keyword,
        Keyword::And | Keyword::Or | Keyword::Match(_) | Keyword::Between | Keyword::NotBetween
    )
}

/// Returns whether a keyword starts a part of an operator.
const fn is_clause(keyword: Keyword) -> bool {
    matches!(
        keyword,
        Keyword::As
            | Keyword::Asc
            | Keyword::By
            | Keyword::Desc
            | Keyword::Of
            | Keyword::On
            | Keyword::To
            | Keyword::With
            | Keyword::Let
    )
}

/// Returns the operator that other languages call so.
fn foreign_operator_word(word: &str) -> Option<&'static str> {
    Some(match word.to_ascii_lowercase().as_str() {
        "select" | "fields" | "columns" => "project",
        "having" => "where",
        "group" | "stats" | "groupby" | "aggregate" => "summarize",
        "eval" | "calculate" => "extend",
        "rename" => "project-rename",
        "drop" | "remove" => "project-away",
        "head" | "tail" | "first" => "take",
        "dedup" | "unique" => "distinct",
        "orderby" | "sortby" => "sort by",
        "expand" | "explode" => "mv-expand",
        "chart" | "plot" => "render",
        "summarise" => "summarize",
        _ => return None,
    })
}

/// Returns the operator whose name is nearest, if it is near.
fn nearest(word: &str) -> Option<&'static str> {
    // Longer than any operator: not worth comparing.
    if word.len() < 3 || word.len() > 24 {
        return None;
    }
    let lower = word.to_lowercase();
    let limit = if lower.len() > 5 { 2 } else { 1 };
    operator_words()
        .map(|operator| (strsim::damerau_levenshtein(&lower, operator), operator))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, operator)| operator)
}
