//! Building a list of columns with distinct names.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use kql_syntax::Span;
use kql_types::{KqlType, Value};

use super::item::{Item, ItemName};
use crate::{
    binder::{Binder, column_expr, literal},
    codes,
    tree::{Column, Expr, ExprKind, Relation, RelationKind},
};

/// Columns under construction.
pub(crate) struct Projection {
    columns: Vec<Column>,
    exprs: Vec<Expr>,
    positions: HashMap<Arc<str>, usize>,
    declared: HashSet<usize>,
    /// Columns of the input are replaced by new ones of their name.
    replaces: bool,
    /// Where the operator is in the text, for columns passed on.
    span: Span,
}

impl Projection {
    /// Starts without columns.
    pub(crate) fn new(span: Span) -> Self {
        Self {
            columns: Vec::new(),
            exprs: Vec::new(),
            positions: HashMap::new(),
            declared: HashSet::new(),
            replaces: false,
            span,
        }
    }

    /// Starts with columns that are passed on and replaced by new ones of their name.
    pub(crate) fn extending(columns: &[Column], span: Span) -> Self {
        let mut projection = Self { replaces: true, ..Self::new(span) };
        for column in columns {
            projection.pass_on(column);
        }
        projection
    }

    /// Appends a column as it is; its name must be new.
    pub(crate) fn pass_on(&mut self, column: &Column) {
        self.push(column.clone(), column_expr(column, self.span));
    }

    /// Returns where the operator stands.
    pub(crate) fn span(&self) -> Span {
        self.span
    }

    /// Appends a column whose name the query has given; it must be new.
    pub(crate) fn append_declared(&mut self, column: Column, expr: Expr) {
        let at = self.push(column, expr);
        self.declared.insert(at);
    }

    /// Returns the number of columns.
    pub(crate) fn len(&self) -> usize {
        self.columns.len()
    }

    /// Tells whether there is a column of that name.
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.positions.contains_key(name)
    }

    /// Adds a column by the naming rules of `project` or, if it replaces, of `extend`.
    pub(crate) fn add(&mut self, binder: &mut Binder<'_>, item: Item) {
        let (name, is_declared) = match item.name {
            ItemName::Declared(name) => (name, true),
            ItemName::Reference(name) => (name, !self.replaces),
            ItemName::Inferred(name) if self.replaces => (name, false),
            ItemName::Inferred(name) => (self.unused(&name), false),
            ItemName::Fresh => (self.fresh_name(binder), false),
        };
        let known = self.positions.get(name.as_str()).copied();
        if is_declared && known.is_some_and(|at| self.declared.contains(&at)) {
            let message = format!("a column `{name}` is already there");
            binder.error(codes::DUPLICATE_COLUMN, item.span, message);
            return;
        }
        let (column, expr) = binder.value_column(&name, item.value, item.span);
        let at = match known {
            Some(at) => self.replace(at, column, expr),
            None => self.push(column, expr),
        };
        if is_declared {
            self.declared.insert(at);
        }
    }

    /// Returns the columns and their values.
    pub(crate) fn into_parts(self) -> (Vec<Column>, Vec<Expr>) {
        (self.columns, self.exprs)
    }

    /// Projects `input` to the columns; of an input that is not wholly known, neither are they.
    pub(crate) fn over(self, input: Relation, keeps_open: bool) -> Relation {
        let span = self.span;
        let (columns, exprs) = self.into_parts();
        if keeps_open && input.has_open_schema() {
            return crate::binder::opaque("extend", vec![input], columns, true, span);
        }
        Relation { kind: RelationKind::Project { input: Box::new(input), exprs }, columns, span }
    }

    fn push(&mut self, column: Column, expr: Expr) -> usize {
        let at = self.columns.len();
        self.positions.insert(Arc::clone(&column.name), at);
        self.columns.push(column);
        self.exprs.push(expr);
        at
    }

    fn replace(&mut self, at: usize, column: Column, expr: Expr) -> usize {
        if let (Some(old), Some(value)) = (self.columns.get_mut(at), self.exprs.get_mut(at)) {
            *old = column;
            *value = expr;
        }
        at
    }

    /// Returns the name, followed by the first number that makes it new if it is not.
    pub(crate) fn unused(&self, name: &str) -> String {
        distinct_name(name, |candidate| self.contains(candidate))
    }

    /// Returns `Column1` and so on; the numbers go on through the query.
    fn fresh_name(&self, binder: &mut Binder<'_>) -> String {
        loop {
            let name = format!("Column{}", binder.next_unnamed);
            binder.next_unnamed = binder.next_unnamed.saturating_add(1);
            if !self.contains(&name) {
                return name;
            }
        }
    }
}

/// Returns the name, followed by the first number from 1 on for which `is_taken` does not hold, if it
/// holds for the name alone.
pub(crate) fn distinct_name(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    if !is_taken(name) {
        return name.to_owned();
    }
    let mut number = 1_u32;
    loop {
        let candidate = format!("{name}{number}");
        if !is_taken(&candidate) {
            return candidate;
        }
        number = number.saturating_add(1);
    }
}

impl Binder<'_> {
    /// Makes the column for a value: that of a plain column keeps its identity.
    pub(crate) fn value_column(
        &mut self,
        name: &str,
        value: Option<Expr>,
        span: Span,
    ) -> (Column, Expr) {
        let Some(value) = value else {
            let missing = literal(Value::missing(KqlType::Dynamic), span);
            return (self.unknown_column(name), missing);
        };
        let column = match value.kind {
            ExprKind::Column(id) => Column { id, name: name.into(), ty: value.ty },
            _ => self.fresh_column(name, value.ty),
        };
        (column, value)
    }
}
