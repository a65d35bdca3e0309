//! `project-away`, `project-keep`, `project-rename` and `project-reorder`: which columns, under which
//! name, in which order.

use std::{collections::HashSet, sync::Arc};

use kql_syntax::{
    Span,
    ast::{self, Assignment, ExprKind, NamedExpr, OrderDirection, OrderKey},
};

use super::super::parts::{
    build::{pick, select, select_renamed},
    item::unparenthesised,
    wildcard,
};
use crate::{
    binder::{Binder, Row, opaque},
    catalog::matches_pattern,
    codes,
    tree::Relation,
};

impl Binder<'_> {
    /// Leaves out the columns listed.
    pub(in crate::operators) fn bind_project_away(
        &mut self,
        rows: Relation,
        names: &[ast::Expr],
        span: Span,
    ) -> Relation {
        let listed: HashSet<usize> = self.listed(&rows, names).into_iter().collect();
        let kept = pick(&rows, (0..rows.columns.len()).filter(|at| !listed.contains(at)));
        select(rows, kept, span)
    }

    /// Keeps the columns listed, in the order of the input.
    pub(in crate::operators) fn bind_project_keep(
        &mut self,
        rows: Relation,
        names: &[ast::Expr],
        span: Span,
    ) -> Relation {
        let listed: HashSet<usize> = self.listed(&rows, names).into_iter().collect();
        let kept = pick(&rows, (0..rows.columns.len()).filter(|at| listed.contains(at)));
        select(rows, kept, span)
    }

    /// Puts the columns listed first, those that a pattern stands for in their order or sorted.
    pub(in crate::operators) fn bind_project_reorder(
        &mut self,
        rows: Relation,
        keys: &[OrderKey],
        span: Span,
    ) -> Relation {
        let mut order: Vec<usize> = Vec::with_capacity(rows.columns.len());
        let mut seen = HashSet::new();
        // A column named by itself is not moved by a pattern before it.
        let named: HashSet<&str> = keys.iter().filter_map(|key| plain_name(&key.expr)).collect();
        for key in keys {
            let mut found = self.listed(&rows, std::slice::from_ref(&key.expr.value));
            if wildcard::pattern(&key.expr.value).is_some() {
                let name = |at: &usize| rows.columns.get(*at).map_or("", |it| &*it.name);
                found.retain(|at| !named.contains(name(at)));
                sort_names(&mut found, key.direction, name);
            }
            order.extend(found.into_iter().filter(|at| seen.insert(*at)));
        }
        order.extend((0..rows.columns.len()).filter(|at| !seen.contains(at)));
        let columns = pick(&rows, order.into_iter());
        select(rows, columns, span)
    }

    /// Gives columns other names; they stay where they are.
    pub(in crate::operators) fn bind_project_rename(
        &mut self,
        rows: Relation,
        items: &[NamedExpr],
        span: Span,
    ) -> Relation {
        let row = Row::of(&rows);
        let mut columns = rows.columns.clone();
        for item in items {
            let Some((new, old)) = self.renaming(item) else { continue };
            let Some(at) = row.position(&old.text) else {
                self.bind_column(old, &row);
                continue;
            };
            let taken = columns
                .iter()
                .enumerate()
                .any(|(other, column)| other != at && *column.name == *new.text);
            if taken {
                let message = format!("a column `{}` is already there", new.text);
                self.error(codes::DUPLICATE_COLUMN, new.span, message);
            } else if let Some(column) = columns.get_mut(at) {
                column.name = Arc::from(new.text.as_str());
            }
        }
        if rows.has_open_schema() {
            return opaque("project-rename", vec![rows], columns, true, span);
        }
        select_renamed(rows, columns, span)
    }

    fn renaming<'i>(&mut self, item: &'i NamedExpr) -> Option<(&'i ast::Name, &'i ast::Name)> {
        match (&item.name, &unparenthesised(&item.value).kind) {
            (Assignment::Name(new), ExprKind::Name(old)) => Some((new, old)),
            (_, ExprKind::Error) => None,
            _ => {
                let message = "expected `new = old`, both column names";
                self.error(codes::NOT_COLUMN, item.span, message);
                None
            }
        }
    }

    /// Returns the positions of the columns that names and patterns stand for, in order.
    fn listed(&mut self, rows: &Relation, names: &[ast::Expr]) -> Vec<usize> {
        let row = Row::of(rows);
        let mut positions = Vec::new();
        for name in names {
            match &unparenthesised(name).kind {
                ExprKind::Wildcard(pattern) => {
                    let all = rows.columns.iter().enumerate();
                    let fitting = all.filter(|(_, it)| matches_pattern(pattern, &it.name));
                    let known = positions.len();
                    positions.extend(fitting.map(|(at, _)| at));
                    if positions.len() == known && !rows.has_open_schema() {
                        let message = format!("no column matches `{pattern}`");
                        self.error(codes::UNKNOWN_COLUMN, name.span, message);
                    }
                }
                ExprKind::Name(name) => {
                    self.bind_column(name, &row);
                    positions.extend(row.position(&name.text));
                }
                ExprKind::Error => {}
                _ => self.error(codes::NOT_COLUMN, name.span, "expected a column name"),
            }
        }
        positions
    }
}

fn plain_name(item: &NamedExpr) -> Option<&str> {
    match &item.value.kind {
        ExprKind::Name(name) => Some(&name.text),
        _ => None,
    }
}

fn sort_names<'n>(
    found: &mut [usize],
    direction: Option<OrderDirection>,
    name: impl Fn(&usize) -> &'n str,
) {
    match direction {
        None => {}
        Some(OrderDirection::Asc) => found.sort_by_key(|at| name(at).to_lowercase()),
        Some(OrderDirection::Desc) => {
            found.sort_by_key(|at| std::cmp::Reverse(name(at).to_lowercase()));
        }
        Some(OrderDirection::GrannyAsc) => found.sort_by_key(|at| granny(name(at))),
        Some(OrderDirection::GrannyDesc) => {
            found.sort_by_key(|at| std::cmp::Reverse(granny(name(at))));
        }
    }
}

/// Returns the name in pieces, so that numbers within it are ordered by value.
fn granny(name: &str) -> Vec<(String, u64)> {
    let mut pieces: Vec<(String, u64)> = Vec::new();
    let mut text = String::new();
    let mut rest = name;
    while let Some(char) = rest.chars().next() {
        if char.is_ascii_digit() {
            let digits = rest.chars().take_while(char::is_ascii_digit).count();
            let (number, after) = rest.split_at_checked(digits).unwrap_or((rest, ""));
            pieces.push((std::mem::take(&mut text), number.parse().unwrap_or(u64::MAX)));
            rest = after;
        } else {
            text.extend(char.to_lowercase());
            rest = rest.strip_prefix(char).unwrap_or_default();
        }
    }
    pieces.push((text, 0));
    pieces
}

#[cfg(test)]
mod tests {
    use super::granny;

    #[test]
    fn numbers_within_names_count_as_numbers() {
        let mut names = ["a100", "a20", "A3", "b"];
        names.sort_by_key(|name| granny(name));
        assert_eq!(names, ["A3", "a20", "a100", "b"]);
    }
}
