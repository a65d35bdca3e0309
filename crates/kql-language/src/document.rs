//! A query, parsed and bound once, to be asked about.

use kql_bind::{Catalog, KnownRows, Meanings, NameMeaning, tree::Column};
use kql_syntax::{
    Diagnostic, Severity, Span,
    lexer::{Token, TokenKind, lex},
};
use kql_types::KqlType;

use crate::{
    answers::{Problem, Range, Symbol},
    cursor::{Cursor, Frame},
    declarations::{Declaration, declarations, resolve},
};

/// A query's text, and what is known of it.
///
/// Making one parses and binds the text: linear in its length for all but made-up queries.
pub struct Document<'c> {
    pub(crate) text: &'c str,
    pub(crate) catalog: &'c dyn Catalog,
    pub(crate) tokens: Vec<Token>,
    pub(crate) meanings: Meanings,
    pub(crate) declarations: Vec<Declaration>,
    diagnostics: Vec<Diagnostic>,
    columns: Option<Vec<Column>>,
}

impl<'c> Document<'c> {
    /// Reads a query against the tables and functions of a catalogue.
    pub fn new(text: &'c str, catalog: &'c dyn Catalog) -> Self {
        let (query, mut diagnostics) = kql_syntax::parse(text);
        let (bound, found, meanings) = kql_bind::bind_with_meanings(&query, catalog);
        // What follows from a text that could not be read is noise.
        if !diagnostics.iter().any(|it| it.severity == Severity::Error) {
            diagnostics.extend(found);
        }
        diagnostics.sort_by_key(|it| (it.span.start, it.span.end, it.code));
        let is_broken = diagnostics.iter().any(|it| it.severity == Severity::Error);
        let result = bound.results.last().filter(|it| !is_broken && !it.has_open_schema());
        let columns = result.map(|result| result.columns.clone());
        let declarations = declarations(&query, text);
        Self { text, catalog, tokens: lex(text), meanings, declarations, diagnostics, columns }
    }

    /// Returns the names and types of the result's columns; `None` if the query has errors or its columns
    /// depend on data.
    pub fn columns(&self) -> Option<Vec<(String, KqlType)>> {
        let named = |column: &Column| (column.name.to_string(), column.ty);
        Some(self.columns.as_ref()?.iter().map(named).collect())
    }

    /// Returns what is wrong with the query by its syntax, names and types, in the order of the text.
    pub fn problems(&self) -> Vec<Problem> {
        self.diagnostics.iter().map(Problem::of).collect()
    }

    /// Returns the same as the parser and the binder gave it.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Returns where the name at an offset is defined in this text; `None` if it is not a name of the query.
    pub fn definition(&self, offset: u32) -> Option<Range> {
        Some(self.declaration_at(offset)?.name.span.into())
    }

    /// Returns every place that names what the name at an offset names, its definition included, in order.
    /// Empty if it is not a name of the query.
    pub fn references(&self, offset: u32) -> Vec<Range> {
        let Some(wanted) = self.declaration_at(offset) else { return Vec::new() };
        let is_same = |token: &&Token| {
            self.text.get(token.span.range()) == Some(&wanted.name.text)
                && self.declaration_of(**token).is_some_and(|it| it.name.span == wanted.name.span)
        };
        self.tokens.iter().filter(is_same).map(|token| token.span.into()).collect()
    }

    /// Returns the names that the query defines, parameters of functions not included, in order.
    pub fn symbols(&self) -> Vec<Symbol> {
        let is_outer =
            |it: &&Declaration| it.span != it.name.span || it.kind != crate::SymbolKind::Parameter;
        let symbol = |it: &Declaration| Symbol {
            name: it.name.text.clone(),
            kind: it.kind,
            range: it.span.into(),
            name_range: it.name.span.into(),
        };
        self.declarations.iter().filter(is_outer).map(symbol).collect()
    }

    /// Returns the name or keyword at an offset: the one behind it rather than the one before.
    pub(crate) fn token_at(&self, offset: u32) -> Option<Token> {
        let past = self.tokens.partition_point(|token| token.span.end < offset);
        let touching = self.tokens.get(past..)?.iter().take_while(|it| it.span.start <= offset);
        touching.filter(|it| crate::cursor::is_word(it.kind)).last().copied()
    }

    fn declaration_at(&self, offset: u32) -> Option<&Declaration> {
        self.declaration_of(self.token_at(offset)?)
    }

    /// Returns what a token means, if that is a name of the query.
    pub(crate) fn declaration_of(&self, token: Token) -> Option<&Declaration> {
        if let Some(own) = self.declarations.iter().find(|it| it.name.span == token.span) {
            return Some(own);
        }
        let is_other = matches!(
            self.meanings.name(token.span.start),
            Some(NameMeaning::Column(_) | NameMeaning::Table(_) | NameMeaning::SavedFunction)
        );
        if is_other || self.is_member(token) {
            return None;
        }
        resolve(&self.declarations, self.text.get(token.span.range())?, token.span.start)
    }

    /// Tells whether a name stands behind a dot, or before `=` where a column or an argument is named.
    fn is_member(&self, token: Token) -> bool {
        let at = self.tokens.partition_point(|it| it.span.end <= token.span.start);
        let before = self.tokens.get(..at).unwrap_or_default().iter().rev();
        let behind = self.tokens.get(at..).unwrap_or_default().iter().skip(1);
        let is_trivia = |it: &&Token| it.kind.is_trivia();
        before.skip_while(is_trivia).map(|it| it.kind).next() == Some(TokenKind::Dot)
            || behind.skip_while(is_trivia).map(|it| it.kind).next() == Some(TokenKind::Equal)
    }
}

/// What an unfinished query is known to be, up to the cursor.
///
/// The text is cut at the cursor and its brackets are closed, so that what comes behind, which may belong to
/// the next statement, decides nothing.
pub(crate) struct Known {
    /// The names that the query defines.
    pub(crate) declarations: Vec<Declaration>,
    /// What the operator around the cursor reads.
    pub(crate) input: Option<KnownRows>,
    /// The right side of the join around the cursor.
    pub(crate) right_side: Option<KnownRows>,
    /// What names mean.
    pub(crate) meanings: Meanings,
}

impl Known {
    pub(crate) fn before(text: &str, catalog: &dyn Catalog, cursor: &Cursor) -> Self {
        let cut = cursor.word.start;
        let known = Self::cut(text, catalog, cursor, cut, "");
        if known.input.is_some() {
            return known;
        }
        // The operator could not be read as far as it is written: ask for the rows in front of it.
        let starts = cursor.frames.iter().rev().filter(|frame| frame.is_piped);
        let start = starts.filter_map(|frame| frame.segment.first()).map(|it| it.span.start).next();
        match start {
            Some(start) => Self::cut(text, catalog, cursor, start, "take 1"),
            None => known,
        }
    }

    fn cut(text: &str, catalog: &dyn Catalog, cursor: &Cursor, cut: u32, tail: &str) -> Self {
        let mut head = text.get(..cut as usize).unwrap_or_default().to_owned();
        head.push_str(tail);
        let openers = cursor.frames.iter().rev().filter_map(|frame| frame.opener);
        for opener in openers.filter(|it| it.span.start < cut) {
            head.push(match opener.kind {
                TokenKind::OpenBrace => '}',
                TokenKind::OpenBracket => ']',
                _ => ')',
            });
        }
        let (query, _) = kql_syntax::parse(&head);
        let (_, _, meanings) = kql_bind::bind_with_meanings(&query, catalog);
        let operators =
            cursor.frames.iter().rev().filter_map(|frame: &Frame| frame.segment.first());
        let mut operators = operators.map(|first: &Token| first.span.start);
        let found = operators.find_map(|at| Some((at, meanings.input(at)?.clone())));
        let (at, input) = found.map_or((None, None), |(at, rows)| (Some(at), Some(rows)));
        let right_side = at.and_then(|at| meanings.right_side(at)).cloned();
        Self { declarations: declarations(&query, &head), input, right_side, meanings }
    }

    /// Returns what a name that the query defines is, as far as it is known.
    pub(crate) fn meaning(&self, name: Span) -> Option<&NameMeaning> {
        self.meanings.name(name.start)
    }
}
