//! Names: columns first, then variables, then saved functions, then tables; measured.

use std::rc::Rc;

use kql_syntax::{Span, ast::Name};

use crate::{
    binder::{
        Binder, Binding, Bound, MAX_COPIED_NODES, NameMeaning, Scope, Wanted, column_expr,
        did_you_mean, renamed,
    },
    codes,
    tree::Expr,
};

/// What a node of a scalar's value counts towards the limit of copied nodes, since each is planned and
/// computed again where the variable stands.
const NODES_PER_SCALAR: usize = 32;

impl Binder<'_> {
    /// Binds a name. A column shadows a variable, a variable a table.
    pub(in crate::scalar) fn bind_name(
        &mut self,
        name: &Name,
        scope: Scope<'_>,
        wanted: Wanted,
    ) -> Bound {
        if wanted == Wanted::Scalar
            && let Some(column) = scope.row.and_then(|row| row.get(&name.text))
        {
            let is_known = !self.is_unknown(column.id);
            self.note_name(name.span, || NameMeaning::Column(column.ty));
            return Bound::Scalar(is_known.then(|| column_expr(column, name.span)));
        }
        if let Some(binding) = self.env.get(&name.text).map(Rc::clone) {
            return self.bind_variable(name, &binding, scope);
        }
        if let Some(bound) = self.call_saved(name, &[], None, scope, name.span) {
            self.note_name(name.span, || NameMeaning::SavedFunction);
            return bound;
        }
        if let Some(rows) = self.bind_table(&name.text, name.span) {
            self.note_table(name.span, &rows);
            return Bound::Rows(rows);
        }
        if scope.row.is_some_and(crate::binder::Row::is_open) {
            return Bound::Scalar(None);
        }
        match wanted {
            Wanted::Rows => self.unknown_table(&name.text, name.span),
            Wanted::Scalar => self.unknown_name(&name.text, name.span, scope),
        }
        Bound::Scalar(None)
    }

    /// Looks up a column that an operator names; anything else is reported.
    pub(crate) fn bind_column<'r>(
        &mut self,
        name: &Name,
        row: &crate::binder::Row<'r>,
    ) -> Option<&'r crate::tree::Column> {
        let column = row.get(&name.text);
        if column.is_none() && !row.is_open() {
            self.unknown_name(&name.text, name.span, Scope::over(row));
        }
        if let Some(column) = column {
            self.note_name(name.span, || NameMeaning::Column(column.ty));
        }
        column
    }

    fn bind_variable(&mut self, name: &Name, binding: &Binding, scope: Scope<'_>) -> Bound {
        self.note_variable(name.span, binding);
        match binding {
            Binding::Scalar(scalar) => {
                Bound::Scalar(scalar.as_ref().and_then(|it| self.placed(it, name.span)))
            }
            Binding::Rows { rows, deferred, .. } => {
                self.report_deferred(*deferred);
                Bound::Rows(self.instantiate(rows, name.span))
            }
            Binding::Function(function) => {
                self.call_function(&name.text, function, &[], None, scope, name.span)
            }
            Binding::Pattern { .. } => Bound::Scalar(None),
        }
    }

    /// Returns a variable's value as it stands where the variable is named; `None` once the query has
    /// unfolded to more than the limit, which is reported.
    fn placed(&mut self, value: &Expr, span: Span) -> Option<Expr> {
        let mut left = MAX_COPIED_NODES.checked_sub(self.copied_nodes);
        if !left.as_mut().is_some_and(|left| value.spend(NODES_PER_SCALAR, left)) {
            self.error(codes::TOO_LARGE, span, "the query unfolds to more than can be bound");
            return None;
        }
        self.copied_nodes = left.map_or(MAX_COPIED_NODES, |left| MAX_COPIED_NODES.abs_diff(left));
        Some(Expr { span, ..value.clone() })
    }

    /// Reports that no column, variable or table has that name.
    pub(crate) fn unknown_name(&mut self, name: &str, span: Span, scope: Scope<'_>) {
        let variables = Rc::clone(&self.env);
        let columns = scope.row.map_or(&[][..], crate::binder::Row::columns);
        let candidates = columns.iter().map(|it| &*it.name).chain(variables.names());
        let mut today = self.catalog.renamed_column(name);
        today.retain(|today| columns.iter().any(|column| &*column.name == *today));
        let help = renamed(&today)
            .or_else(|| did_you_mean(name, candidates))
            .or_else(|| known_columns(columns));
        let what = if scope.row.is_some() { "column" } else { "name" };
        self.error_with_help(codes::UNKNOWN_COLUMN, span, format!("unknown {what} `{name}`"), help);
    }
}

/// Returns the help that lists the columns, if they are few.
fn known_columns(columns: &[crate::tree::Column]) -> Option<String> {
    const FEW: usize = 12;
    if columns.is_empty() || columns.len() > FEW {
        return None;
    }
    let names: Vec<String> = columns.iter().map(|it| format!("`{}`", it.name)).collect();
    Some(format!("available columns: {}", names.join(", ")))
}
