//! Functions of the rows before and after: `prev`, `row_number` and their like, wherever an operator
//! computes values of its rows.
//!
//! Their calls are lifted out of the expressions into a [`Window`] below the operator.
//!
//! Source: <https://learn.microsoft.com/kusto/query/window-functions>

use kql_types::KqlType;

use super::item::Item;
use crate::{
    binder::{Binder, column_expr},
    conversion::convert,
    functions,
    tree::{Column, Expr, ExprKind, Relation, RelationKind, Window, WindowFunction},
};

impl Binder<'_> {
    /// Lifts the window functions out of a list of columns.
    pub(in crate::operators) fn lift_from_items(
        &mut self,
        rows: Relation,
        items: &mut [Item],
    ) -> Relation {
        let exprs = items.iter_mut().filter_map(|item| item.value.as_mut());
        self.lift_windows(rows, exprs.collect())
    }

    /// Lifts the window functions out of the expressions that an operator evaluates over `rows`;
    /// returns the rows with their values as further columns.
    pub(in crate::operators) fn lift_windows(
        &mut self,
        rows: Relation,
        exprs: Vec<&mut Expr>,
    ) -> Relation {
        let mut functions = Vec::new();
        // Rows that are not wholly known are refused in any case.
        let exprs = if rows.has_open_schema() { Vec::new() } else { exprs };
        for expr in exprs {
            self.lift(expr, &mut functions);
        }
        if functions.is_empty() {
            return rows;
        }
        // A call within the arguments of another one gets a window of its own, below.
        let args = functions.iter_mut().flat_map(|function| &mut function.args).collect();
        let rows = self.lift_windows(rows, args);
        windowed(rows, Vec::new(), functions)
    }

    /// Makes a column that no query sees: of a name that none can have.
    pub(in crate::operators) fn hidden_column(&mut self, what: &str, ty: KqlType) -> Column {
        let column = self.fresh_column("", ty);
        Column { name: format!("${what} {}", column.id.0).into(), ..column }
    }

    /// Replaces the outermost calls within an expression by the columns that will hold their values.
    fn lift(&mut self, expr: &mut Expr, found: &mut Vec<WindowFunction>) {
        let (ty, span) = (expr.ty, expr.span);
        if let ExprKind::Call { function, args } = &mut expr.kind
            && functions::is_window(function)
        {
            let function = *function;
            let args = with_default_of_type(function, std::mem::take(args));
            let output = self.hidden_column(function, ty);
            *expr = column_expr(&output, span);
            found.push(WindowFunction { function, args, output, span });
            return;
        }
        expr.for_each_child_mut(&mut |child| self.lift(child, found));
    }
}

/// Puts a window over rows.
pub(in crate::operators) fn windowed(
    rows: Relation,
    partition: Vec<Expr>,
    functions: Vec<WindowFunction>,
) -> Relation {
    let made = functions.iter().map(|function| function.output.clone());
    let columns = rows.columns.iter().cloned().chain(made).collect();
    let span = rows.span;
    let window = Window { input: rows, partition, functions };
    Relation { kind: RelationKind::Window(Box::new(window)), columns, span }
}

/// Converts the default of `prev` and `next` to the type of the values.
fn with_default_of_type(function: &str, mut args: Vec<Expr>) -> Vec<Expr> {
    if matches!(function, "prev" | "next")
        && args.len() == 3
        && let Some(ty) = args.first().map(|it| it.ty)
        && let Some(default) = args.pop()
    {
        args.push(convert(default, ty));
    }
    args
}
