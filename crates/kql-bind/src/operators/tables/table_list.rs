//! Lists of tables, as `union`, `search` and `find` take them: names, patterns, and any rows.

use std::rc::Rc;

use kql_syntax::{Diagnostic, Severity, Span, ast};

use super::super::parts::{item::unparenthesised, wildcard};
use crate::{
    binder::{Binder, Binding, Bound, MAX_COPIED_NODES, Scope},
    catalog::matches_pattern,
    codes,
    tree::Relation,
};

/// What a column of a table that a pattern stands for counts towards the limit of copied nodes: it is
/// bound, united and passed on.
const NODES_PER_COLUMN: usize = 4;

/// Rows of a list, and what they are called there.
pub(in crate::operators) struct Leg {
    /// The rows.
    pub(in crate::operators) rows: Relation,
    /// The table's name; `None` for rows without one.
    pub(in crate::operators) name: Option<String>,
}

impl Binder<'_> {
    /// Binds a list of tables. `is_fuzzy` leaves out those that do not exist, with a warning.
    pub(in crate::operators) fn bind_table_list(
        &mut self,
        tables: &[ast::Expr],
        is_fuzzy: bool,
    ) -> Vec<Leg> {
        let mut legs = Vec::with_capacity(tables.len());
        for table in tables {
            match wildcard::pattern(unparenthesised(table)) {
                Some(pattern) => self.bind_pattern(pattern, table.span, is_fuzzy, &mut legs),
                None => legs.extend(self.bind_leg(table, is_fuzzy)),
            }
        }
        legs
    }

    /// Binds all tables that there are: the query's own views, or those of the catalog if it has none;
    /// measured.
    pub(in crate::operators) fn bind_all_tables(&mut self, span: Span) -> Vec<Leg> {
        let mut legs = Vec::new();
        if !self.bind_matching_views("*", span, &mut legs) {
            self.bind_pattern("*", span, false, &mut legs);
        }
        legs
    }

    fn bind_leg(&mut self, table: &ast::Expr, is_fuzzy: bool) -> Option<Leg> {
        let known = self.diagnostics.len();
        let rows = self.bind_rows(table);
        if is_fuzzy && self.forgive_missing(known) {
            return None;
        }
        let name = self.leg_name(table, &rows);
        Some(Leg { rows, name })
    }

    /// Turns errors about missing tables into warnings; `true` if there were any.
    fn forgive_missing(&mut self, known: usize) -> bool {
        let found = self.diagnostics.split_off(known.min(self.diagnostics.len()));
        let is_missing = |it: &Diagnostic| it.code == codes::UNKNOWN_TABLE;
        let forgives = found.iter().any(is_missing);
        for mut diagnostic in found {
            if is_missing(&diagnostic) {
                diagnostic.code = codes::FUZZY_TABLE;
                diagnostic.severity = Severity::Warning;
                diagnostic.help = Some("a fuzzy union leaves it out".to_owned());
            }
            self.diagnostics.push(diagnostic);
        }
        forgives
    }

    /// Returns the name that rows have in a list: a view's, what `as` says, or the table's that they
    /// are. Measured: a variable or a function that is only a table goes by the table's name.
    pub(in crate::operators) fn leg_name(
        &self,
        table: &ast::Expr,
        rows: &Relation,
    ) -> Option<String> {
        let of_table = || self.table_of(rows).map(str::to_owned);
        let ast::ExprKind::Name(name) = &unparenthesised(table).kind else {
            return last_name(table).or_else(of_table);
        };
        match self.env.get(&name.text).map(Rc::as_ref) {
            Some(Binding::Rows { is_view: true, .. }) => Some(name.text.clone()),
            Some(Binding::Function(function)) if function.is_view => Some(name.text.clone()),
            Some(Binding::Rows { .. } | Binding::Function(_)) => of_table(),
            Some(Binding::Scalar(_) | Binding::Pattern { .. }) => None,
            None => of_table().or_else(|| {
                let is_function = self.catalog.function(&name.text).is_some();
                (!is_function).then(|| name.text.clone())
            }),
        }
    }

    /// Counts a table that a pattern stands for: a short text of many patterns must not bind for
    /// minutes. Reports once when there is no room for more.
    fn has_room_for(&mut self, rows: &Relation, span: Span) -> bool {
        let had_room = self.copied_nodes <= MAX_COPIED_NODES;
        let nodes = rows.columns.len().saturating_mul(NODES_PER_COLUMN);
        self.copied_nodes = self.copied_nodes.saturating_add(nodes);
        let has_room = self.copied_nodes <= MAX_COPIED_NODES;
        if had_room && !has_room {
            self.error(codes::TOO_LARGE, span, "the query unfolds to more than can be bound");
        }
        has_room
    }

    fn bind_pattern(&mut self, pattern: &str, span: Span, is_fuzzy: bool, legs: &mut Vec<Leg>) {
        self.patterns.insert(pattern.to_owned());
        let mut found = self.bind_matching_views(pattern, span, legs);
        for table in self.catalog.tables_of_pattern(pattern) {
            if let Some(rows) = self.bind_table(&table, span) {
                found = true;
                if !self.has_room_for(&rows, span) {
                    return;
                }
                legs.push(Leg { rows, name: Some(table.to_string()) });
            }
        }
        if !found {
            let message = format!("no table matches `{pattern}`");
            if is_fuzzy {
                self.warning(codes::FUZZY_TABLE, span, message);
            } else {
                self.error(codes::UNKNOWN_TABLE, span, message);
            }
        }
    }

    /// Binds the query's own views of matching names; `true` if there are any.
    pub(in crate::operators) fn bind_matching_views(
        &mut self,
        pattern: &str,
        span: Span,
        legs: &mut Vec<Leg>,
    ) -> bool {
        let variables = Rc::clone(&self.env);
        let mut found = false;
        for name in variables.names().into_iter().filter(|name| matches_pattern(pattern, name)) {
            let Some(binding) = variables.get(name).map(Rc::clone) else { continue };
            let rows = match &*binding {
                Binding::Function(function) if function.is_view => {
                    match self.call_function(name, function, &[], None, Scope::default(), span) {
                        Bound::Rows(rows) => rows,
                        Bound::Scalar(_) => continue,
                    }
                }
                _ => continue,
            };
            found = true;
            legs.push(Leg { rows, name: Some(name.to_owned()) });
        }
        found
    }
}

/// Returns the name that the last `as` of a pipeline gives its rows.
fn last_name(table: &ast::Expr) -> Option<String> {
    let ast::ExprKind::Pipeline { operators, .. } = &unparenthesised(table).kind else {
        return None;
    };
    match operators.last().map(|it| &it.kind) {
        Some(ast::OperatorKind::As { name, .. }) => Some(name.text.clone()),
        _ => None,
    }
}
