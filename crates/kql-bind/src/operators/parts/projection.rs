//! Building a list of columns with distinct names: the one place that decides what happens when two
//! columns of an operator would have the same name.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use kql_syntax::{
    Span,
    ast::{Assignment, NamedExpr},
};
use kql_types::{KqlType, Value};

use super::item::{Item, ItemName};
use crate::{
    binder::{Binder, column_expr, literal},
    codes,
    tree::{Column, Expr, ExprKind, Relation, RelationKind},
};

/// Columns under construction.
#[derive(Clone)]
pub(crate) struct Projection {
    columns: Vec<Column>,
    exprs: Vec<Expr>,
    positions: HashMap<Arc<str>, usize>,
    /// The columns whose name nobody made up: the query spells it out, or it is the input's.
    declared: HashSet<usize>,
    /// The columns that items of this operator made, as opposed to those passed on.
    assigned: HashSet<usize>,
    /// The names that the query spells out, which no number is to hit.
    reserved: HashSet<String>,
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
            assigned: HashSet::new(),
            reserved: HashSet::new(),
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

    /// Returns a list that begins with these columns, as they are named, read from rows that have them.
    pub(crate) fn named_columns(&self) -> Self {
        let exprs = self.columns.iter().map(|column| column_expr(column, self.span)).collect();
        Self { exprs, ..self.clone() }
    }

    /// Tells whether there is a column of that name.
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.positions.contains_key(name)
    }

    /// Keeps the names that these items spell out free of numbered ones.
    pub(crate) fn reserve<'i>(&mut self, items: impl IntoIterator<Item = &'i NamedExpr>) {
        for item in items {
            match &item.name {
                Assignment::None => {}
                Assignment::Name(name) => {
                    self.reserved.insert(name.text.clone());
                }
                Assignment::Names(names) => {
                    self.reserved.extend(names.iter().map(|name| name.text.clone()));
                }
            }
        }
    }

    /// Adds a column by the naming rules of `project` or, if it replaces, of `extend`.
    ///
    /// A name that was made up gives way to nothing that stands before it, and what comes later
    /// under that name gets a number, spelled out or not. Two that are spelled out are an error; so
    /// are two of a name in `extend`, where a name says which column is replaced. Source: measured.
    pub(crate) fn add(&mut self, binder: &mut Binder<'_>, item: Item) {
        let Some((name, is_declared)) = self.name_of(binder, &item) else {
            let name = item.name.text();
            let message = format!("a column `{name}` is already there");
            binder.error(codes::DUPLICATE_COLUMN, item.span, message);
            return;
        };
        let (column, expr) = binder.value_column(&name, item.value, item.span);
        let at = match self.positions.get(name.as_str()).copied() {
            Some(at) => self.replace(at, column, expr),
            None => self.push(column, expr),
        };
        self.assigned.insert(at);
        if is_declared {
            self.declared.insert(at);
        }
    }

    /// Returns what an item's column is called and whether that is not to be had again; `None` if it
    /// cannot be called so.
    fn name_of(&self, binder: &mut Binder<'_>, item: &Item) -> Option<(String, bool)> {
        let known = |name: &str| self.positions.get(name);
        if self.replaces {
            return match &item.name {
                ItemName::Fresh => Some((self.fresh_name(binder), false)),
                // Measured where one column is made; the language service numbers those of several.
                ItemName::OneOfSeveral(name) => Some((self.unused(name), false)),
                named => {
                    let name = named.text();
                    let is_new = known(name).is_none_or(|at| !self.assigned.contains(at));
                    is_new.then(|| (name.to_owned(), true))
                }
            };
        }
        match &item.name {
            ItemName::Declared(name) | ItemName::Reference(name) => {
                let is_made_up = known(name).is_none_or(|at| !self.declared.contains(at));
                is_made_up.then(|| (self.unused(name), true))
            }
            ItemName::Inferred(name) | ItemName::OneOfSeveral(name) => {
                Some((self.unused(name), false))
            }
            ItemName::Fresh => Some((self.unused(&binder.next_column_name()), false)),
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
    ///
    /// A number does not make a name that the query spells out, before or after; a name without one
    /// may be it. Source: measured (`project abs(x), sqrt(x), x1 = 1` is `x`, `x2`, `x1`).
    pub(crate) fn unused(&self, name: &str) -> String {
        distinct_name(name, |candidate| {
            self.contains(candidate) || (candidate != name && self.reserved.contains(candidate))
        })
    }

    /// Returns the next of `Column1` and so on that the input does not have.
    fn fresh_name(&self, binder: &mut Binder<'_>) -> String {
        loop {
            let name = binder.next_column_name();
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
    /// Returns `Column1` and so on; the numbers go on through the query.
    fn next_column_name(&mut self) -> String {
        let name = format!("Column{}", self.next_unnamed);
        self.next_unnamed = self.next_unnamed.saturating_add(1);
        name
    }

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
