//! Joins that name no kind, and so lose rows of the left side.
//!
//! Only the shape of the query is known here, not its tables, so a left side is taken to have several rows
//! of a key unless an operator before the join makes the key unique.

use std::collections::BTreeSet;

use kql_syntax::{
    Diagnostic,
    lexer::{Keyword, TokenKind},
};

use super::{Rule, tokens::Tokens};
use crate::code;

/// Names that stand for one another; more is not followed.
const MAX_DEPTH: usize = 8;

pub(super) fn check(rule: &Rule<'_>, found: &mut Vec<Diagnostic>) {
    let Some(query) = rule.query else { return };
    let text = Text { tokens: Tokens::of(query) };
    for at in 0..text.tokens.len() {
        if text.tokens.kind(at) != TokenKind::Keyword(Keyword::Join) || text.has_kind(at) {
            continue;
        }
        let keys = text.keys(at);
        if text.is_unique_before(at, &keys, 0) {
            continue;
        }
        let Some(token) = text.tokens.get(at) else { continue };
        let message =
            "a `join` without `kind` keeps one row of the left side for each key, and any";
        let place = query.places.place(token.span);
        let warning = Diagnostic::warning(code::BARE_JOIN, place, message);
        found.push(warning.with_help(
            "say `kind=inner`; or make the left side unique, by `summarize … by` or `distinct` of the keys",
        ));
    }
}

struct Text<'q> {
    tokens: Tokens<'q>,
}

impl Text<'_> {
    /// Tells whether `kind=` stands between the join and its right side.
    fn has_kind(&self, join: usize) -> bool {
        let mut at = join.saturating_add(1);
        while at < self.tokens.len() && self.tokens.kind(at) != TokenKind::OpenParen {
            if self.tokens.word(at) == "kind"
                && self.tokens.kind(at.saturating_add(1)) == TokenKind::Equal
            {
                return true;
            }
            if self.tokens.word(at) == "on" {
                return false;
            }
            at = at.saturating_add(1);
        }
        false
    }

    /// Returns the columns of the left side that a join compares.
    fn keys(&self, join: usize) -> BTreeSet<&str> {
        let mut at = join.saturating_add(1);
        while at < self.tokens.len() && self.tokens.word(at) != "on" {
            at = if self.tokens.opens(at) { self.tokens.behind(at) } else { at.saturating_add(1) };
        }
        let mut keys = BTreeSet::new();
        at = at.saturating_add(1);
        while at < self.tokens.len() && !self.ends_operator(at) {
            let is_side = self.tokens.kind(at.saturating_add(1)) == TokenKind::Dot;
            match self.tokens.word(at) {
                "$left" if is_side => {
                    keys.insert(self.tokens.word(at.saturating_add(2)));
                    at = at.saturating_add(3);
                }
                "$right" if is_side => at = at.saturating_add(3),
                word => {
                    if self.is_name(at) {
                        keys.insert(word);
                    }
                    at = at.saturating_add(1);
                }
            }
        }
        keys
    }

    fn is_name(&self, at: usize) -> bool {
        let word = self.tokens.word(at);
        word.starts_with(|char: char| char.is_alphabetic() || char == '_') && word != "and"
    }

    fn ends_operator(&self, at: usize) -> bool {
        self.tokens.closes(at)
            || matches!(
                self.tokens.kind(at),
                TokenKind::Pipe | TokenKind::Semicolon | TokenKind::End
            )
    }

    /// Returns where the operators before this place begin, the last one first, and in the end the
    /// source; those of the same pipeline only.
    fn parts_before(&self, end: usize) -> Vec<(usize, usize)> {
        let mut parts = Vec::new();
        let mut depth = 0_usize;
        // The pipe before the operator itself.
        let mut part_end = end;
        let mut at = end;
        while let Some(before) = at.checked_sub(1) {
            if self.tokens.closes(before) {
                depth = depth.saturating_add(1);
            } else if self.tokens.opens(before) {
                if depth == 0 {
                    break;
                }
                depth = depth.saturating_sub(1);
            } else if depth == 0 {
                match self.tokens.kind(before) {
                    TokenKind::Semicolon => break,
                    TokenKind::Pipe => {
                        parts.push((at, part_end));
                        part_end = before;
                    }
                    TokenKind::Equal if self.is_let(before) => break,
                    _ => {}
                }
            }
            at = before;
        }
        parts.push((at, part_end));
        parts
    }

    /// Tells whether the `=` here is that of a `let`.
    fn is_let(&self, equal: usize) -> bool {
        equal.checked_sub(2).is_some_and(|at| self.tokens.word(at) == "let")
    }

    /// Tells whether the rows before an operator have each key once.
    fn is_unique_before(&self, operator: usize, keys: &BTreeSet<&str>, depth: usize) -> bool {
        // The first part is the operator's own beginning.
        for (start, end) in self.parts_before(operator).into_iter().skip(1) {
            match self.effect(start, end, keys) {
                Effect::Unique => return true,
                Effect::Several => return false,
                Effect::Keeps => {}
                Effect::Source => return self.is_unique_source(start, end, keys, depth),
            }
        }
        false
    }

    /// Tells whether a name stands for rows that have each key once.
    fn is_unique_source(
        &self,
        start: usize,
        end: usize,
        keys: &BTreeSet<&str>,
        depth: usize,
    ) -> bool {
        let name = self.tokens.word(start);
        if depth > MAX_DEPTH || end != start.saturating_add(1) {
            return false;
        }
        let Some(defined) = self.tokens.defined(name, start) else { return false };
        let mut at = defined;
        while at < self.tokens.len() && self.tokens.kind(at) != TokenKind::Semicolon {
            at = if self.tokens.opens(at) { self.tokens.behind(at) } else { at.saturating_add(1) };
        }
        for (start, end) in self.parts_before(at) {
            match self.effect(start, end, keys) {
                Effect::Unique => return true,
                Effect::Several => return false,
                Effect::Keeps => {}
                Effect::Source => {
                    return self.is_unique_source(start, end, keys, depth.saturating_add(1));
                }
            }
        }
        false
    }

    /// Returns what an operator does to the keys.
    fn effect(&self, start: usize, end: usize, keys: &BTreeSet<&str>) -> Effect {
        let assigns_key = || {
            (start..end).any(|at| {
                keys.contains(self.tokens.word(at))
                    && self.tokens.kind(at.saturating_add(1)) == TokenKind::Equal
            })
        };
        match self.tokens.word(start) {
            "summarize" | "make-series" => {
                let by = (start..end).rev().find(|at| self.tokens.word(*at) == "by");
                let named = by.map(|by| self.names(by.saturating_add(1), end));
                named.map_or(Effect::Unique, |named| unique_if(named.is_subset(keys)))
            }
            "distinct" => {
                let named = self.names(start.saturating_add(1), end);
                unique_if(!named.is_empty() && named.is_subset(keys))
            }
            "count" | "getschema" => Effect::Unique,
            "where" | "filter" | "sort" | "order" | "top" | "take" | "limit" | "sample"
            | "serialize" | "as" | "project-reorder" | "project-away" | "project-keep"
            | "render" | "parse-where" => Effect::Keeps,
            "extend" | "project" | "parse" if assigns_key() => Effect::Several,
            "extend" | "project" | "parse" => Effect::Keeps,
            "join" => {
                let keeps = ["leftsemi", "leftanti", "anti", "leftantisemi"];
                let kind = (start..end).find(|at| self.tokens.word(*at) == "kind");
                let kind = kind.map_or("", |at| self.tokens.word(at.saturating_add(2)));
                if keeps.contains(&kind) { Effect::Keeps } else { Effect::Several }
            }
            "mv-expand" | "mv-apply" | "union" | "evaluate" | "lookup" | "search" | "find"
            | "invoke" | "partition" | "scan" | "project-rename" | "range" | "datatable"
            | "externaldata" | "top-nested" | "parse-kv" => Effect::Several,
            _ => Effect::Source,
        }
    }

    /// Returns the columns that a list of keys makes: a name, that of an assignment, or the column that
    /// `bin` cuts.
    fn names(&self, start: usize, end: usize) -> BTreeSet<&str> {
        let mut names = BTreeSet::new();
        let mut at = start;
        while at < end {
            let is_bin = matches!(self.tokens.word(at), "bin" | "floor")
                && self.tokens.kind(at.saturating_add(1)) == TokenKind::OpenParen;
            names.insert(if is_bin {
                self.tokens.word(at.saturating_add(2))
            } else {
                self.tokens.word(at)
            });
            while at < end && self.tokens.kind(at) != TokenKind::Comma {
                at = if self.tokens.opens(at) {
                    self.tokens.behind(at)
                } else {
                    at.saturating_add(1)
                };
            }
            at = at.saturating_add(1);
        }
        names
    }
}

/// What an operator does to keys that are unique or not.
enum Effect {
    /// Afterwards each key is there once.
    Unique,
    /// Afterwards a key may be there several times.
    Several,
    /// As before.
    Keeps,
    /// It is no operator: the rows come from here.
    Source,
}

fn unique_if(is_unique: bool) -> Effect {
    if is_unique { Effect::Unique } else { Effect::Several }
}
