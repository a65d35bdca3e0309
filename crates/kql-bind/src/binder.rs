//! The binder: what is known while a query is bound.
//!
//! Scalar expressions are bound in `scalar`, tabular operators in `operators`; this module holds what
//! they share: the environment of names, fresh identities, diagnostics and limits. An expression that
//! does not bind is `None` and has been reported, so that whoever gets it stays silent.

mod deferred;
mod env;
mod instantiate;
mod meanings;
mod nearest;
mod options;
mod row;
mod statements;
mod tables;
mod user_function;

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    rc::Rc,
    sync::Arc,
};

use kql_syntax::{Code, Diagnostic, Severity, Span, ast};
use kql_types::{KqlType, Value};

pub use self::meanings::{KnownRows, Meanings, NameMeaning};
pub(crate) use self::{
    deferred::Deferred,
    env::{Binding, Env, Function},
    nearest::{did_you_mean, renamed},
    options::Options,
    row::{Element, Hops, Row},
    user_function::PARAMETER,
};
use crate::{
    Catalog, codes,
    tree::{
        Aggregate, BoundQuery, CallSite, Column, ColumnId, Expr, ExprKind, FoundColumns, Question,
        Relation, RelationKind, SharedId,
    },
};

/// Calls, views and saved functions within each other.
const MAX_CALL_DEPTH: usize = 64;
/// Relations and expressions that references to variables may copy, together.
pub(crate) const MAX_COPIED_NODES: usize = 2_000_000;
/// Tabular operators within each other.
const MAX_RELATION_DEPTH: usize = 4_000;

/// Binds a parsed query: resolves names, decides types and makes conversions explicit.
///
/// Always gives a tree; it is fit to run only if no diagnostic is an error. Statements after the first
/// error are bound as well, and what follows from an error is not reported again.
pub fn bind(query: &ast::Query, catalog: &dyn Catalog) -> (BoundQuery, Vec<Diagnostic>) {
    bind_with(query, catalog, &FoundColumns::new())
}

/// Binds as [`bind`] does, knowing what the data has said of the columns of some calls.
pub fn bind_with(
    query: &ast::Query,
    catalog: &dyn Catalog,
    found: &FoundColumns,
) -> (BoundQuery, Vec<Diagnostic>) {
    let (bound, diagnostics, _) = Binder::new(catalog, found).bind(query);
    (bound, diagnostics)
}

/// Binds as [`bind`] does, and keeps what names and operators mean.
pub fn bind_with_meanings(
    query: &ast::Query,
    catalog: &dyn Catalog,
) -> (BoundQuery, Vec<Diagnostic>, Meanings) {
    let found = FoundColumns::new();
    let mut binder = Binder::new(catalog, &found);
    binder.meanings = Some(Meanings::default());
    binder.bind(query)
}

/// The state of binding one query.
pub(crate) struct Binder<'c> {
    /// Tables and saved functions.
    pub(crate) catalog: &'c dyn Catalog,
    /// Findings so far.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The variables in scope.
    pub(crate) env: Rc<Env>,
    /// What `set` statements ask for.
    pub(crate) options: Options,
    /// Columns whose type is not known, after an error or because it depends on data.
    unknown: HashSet<ColumnId>,
    /// The tables whose rows begin with these columns, for `withsource`.
    tables: HashMap<ColumnId, Arc<str>>,
    /// What the data has said of columns.
    pub(crate) found: &'c FoundColumns,
    /// What has to be asked of it.
    pub(crate) questions: Vec<Question>,
    /// How often each call whose columns depend on data has been bound.
    pub(crate) calls: BTreeMap<CallSite, usize>,
    /// The patterns of names of tables in it.
    pub(crate) patterns: BTreeSet<String>,
    /// Why scalars are not known that are made of rows. Nothing of those is left where they stand, so
    /// that the results have to be told to rest on them.
    unresolved: Vec<Relation>,
    /// The saved functions and views that are being bound.
    active: Vec<Arc<str>>,
    /// What names and operators mean, if somebody wants to know.
    meanings: Option<Meanings>,
    /// What is wrong with variables of rows, and whether they have been read since.
    deferred: Vec<Deferred>,
    /// Whether some row's `ingestion_time()` is read.
    pub(crate) reads_ingestion_time: bool,
    call_depth: usize,
    /// What unfolding has cost so far.
    pub(crate) copied_nodes: usize,
    /// The number of the next column that has no name: `Column1`.
    pub(crate) next_unnamed: usize,
    next_column: u32,
    next_shared: u32,
}

/// Where an expression stands: what its names can mean.
#[derive(Clone, Copy, Default)]
pub(crate) struct Scope<'s> {
    /// The row it is evaluated over.
    pub(crate) row: Option<&'s Row<'s>>,
    /// Where aggregates go, in `summarize` and the like.
    pub(crate) aggregates: Option<&'s RefCell<Vec<Aggregate>>>,
    /// It is what rows are grouped by.
    pub(crate) is_key: bool,
}

impl<'s> Scope<'s> {
    /// Within the rows of an operator's input.
    pub(crate) fn over(row: &'s Row<'s>) -> Self {
        Self { row: Some(row), ..Self::default() }
    }

    /// Within the rows of an operator's input, as what they are grouped by.
    pub(crate) fn key_over(row: &'s Row<'s>) -> Self {
        Self { is_key: true, ..Self::over(row) }
    }
}

/// An expression, once it is known what it yields.
pub(crate) enum Bound {
    /// A scalar; `None` after an error or where its type depends on data.
    Scalar(Option<Expr>),
    /// Rows.
    Rows(Relation),
}

impl<'c> Binder<'c> {
    fn new(catalog: &'c dyn Catalog, found: &'c FoundColumns) -> Self {
        Self {
            catalog,
            diagnostics: Vec::new(),
            env: Rc::default(),
            options: Options::default(),
            reads_ingestion_time: false,
            tables: HashMap::new(),
            unknown: HashSet::new(),
            found,
            questions: Vec::new(),
            calls: BTreeMap::new(),
            patterns: BTreeSet::new(),
            unresolved: Vec::new(),
            active: Vec::new(),
            meanings: None,
            deferred: Vec::new(),
            call_depth: 0,
            copied_nodes: 0,
            next_unnamed: 1,
            next_column: 0,
            next_shared: 0,
        }
    }

    fn bind(mut self, query: &ast::Query) -> (BoundQuery, Vec<Diagnostic>, Meanings) {
        self.read_options(&query.statements);
        let results = self.bind_statements(&query.statements);
        let results: Vec<Relation> = results.into_iter().map(|it| self.with_options(it)).collect();
        let results = results.into_iter().map(|it| resting_on(it, &self.unresolved)).collect();
        let diagnostics = deferred::settled(self.diagnostics, self.deferred);
        let Self { reads_ingestion_time, patterns, questions, meanings, .. } = self;
        let bound = BoundQuery { results, reads_ingestion_time, patterns, questions };
        (bound, diagnostics, meanings.unwrap_or_default())
    }

    /// Returns an identity that no column has yet.
    pub(crate) fn fresh_id(&mut self) -> ColumnId {
        let id = ColumnId(self.next_column);
        self.next_column = self.next_column.saturating_add(1);
        id
    }

    /// Returns the place of a call whose columns depend on data, for the next time that it is bound.
    pub(crate) fn call_site(&mut self, span: Span) -> CallSite {
        let within = self.active.last().cloned();
        let mut site = CallSite { within, start: span.start, end: span.end, time: 0 };
        let times = self.calls.entry(site.clone()).or_default();
        site.time = *times;
        *times = times.saturating_add(1);
        site
    }

    /// Asks the data, unless the rows that tell it cannot run.
    pub(crate) fn ask(&mut self, site: CallSite, rows: Relation) {
        if !rows.rests_on_opaque() {
            self.questions.push(Question { site, rows });
        }
    }

    /// Returns an identity that no shared rows have yet.
    pub(crate) fn fresh_shared(&mut self) -> SharedId {
        let id = SharedId(self.next_shared);
        self.next_shared = self.next_shared.saturating_add(1);
        id
    }

    /// Makes a column of a new identity.
    pub(crate) fn fresh_column(&mut self, name: impl Into<Arc<str>>, ty: KqlType) -> Column {
        Column { id: self.fresh_id(), name: name.into(), ty }
    }

    /// Makes a column whose type is not known.
    pub(crate) fn unknown_column(&mut self, name: impl Into<Arc<str>>) -> Column {
        let column = self.fresh_column(name, KqlType::Dynamic);
        self.unknown.insert(column.id);
        column
    }

    /// Tells whether a column's type is not known.
    pub(crate) fn is_unknown(&self, id: ColumnId) -> bool {
        !self.unknown.is_empty() && self.unknown.contains(&id)
    }

    /// Notes why the columns of rows are not known that a scalar is made of; each reason once, since
    /// a function's body is bound with every call.
    pub(crate) fn leave_unresolved(&mut self, rows: &Relation) {
        let reason = rows.reason_of_open_schema().unwrap_or(rows);
        let what = match reason.kind {
            RelationKind::Opaque { what, .. } => what,
            _ => "rows of unknown columns",
        };
        if self.unresolved.iter().all(|known| known.span != reason.span) {
            self.unresolved.push(opaque(what, Vec::new(), Vec::new(), true, reason.span));
        }
    }

    /// Reports an error.
    pub(crate) fn error(&mut self, code: Code, span: Span, message: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(code, span, message));
    }

    /// Reports an error and what to do about it, if that is known.
    pub(crate) fn error_with_help(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        let mut diagnostic = Diagnostic::error(code, span, message);
        diagnostic.help = help;
        self.diagnostics.push(diagnostic);
    }

    /// Reports what is worth knowing.
    pub(crate) fn warning(&mut self, code: Code, span: Span, message: impl Into<String>) {
        let mut diagnostic = Diagnostic::error(code, span, message);
        diagnostic.severity = Severity::Warning;
        self.diagnostics.push(diagnostic);
    }

    /// Reports what is worth knowing, and what to do about it, if that is known.
    pub(crate) fn warning_with_help(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        let mut diagnostic = Diagnostic::error(code, span, message);
        diagnostic.severity = Severity::Warning;
        diagnostic.help = help;
        self.diagnostics.push(diagnostic);
    }

    /// Enters a call or a view; `false` is reported and means that the limit is reached.
    pub(crate) fn enter(&mut self, span: Span) -> bool {
        if self.call_depth >= MAX_CALL_DEPTH {
            self.error(
                codes::TOO_DEEP,
                span,
                format!("functions and views call each other more than {MAX_CALL_DEPTH} deep"),
            );
            return false;
        }
        self.call_depth = self.call_depth.saturating_add(1);
        true
    }

    /// Leaves what [`Binder::enter`] entered.
    pub(crate) fn leave(&mut self) {
        self.call_depth = self.call_depth.saturating_sub(1);
    }

    /// Runs `bind` with `env` in place of the environment.
    pub(crate) fn within<T>(&mut self, env: Rc<Env>, bind: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.env, env);
        let bound = bind(self);
        self.env = outer;
        bound
    }

    /// Binds an expression that has to yield rows; anything else is reported.
    pub(crate) fn bind_rows(&mut self, expr: &ast::Expr) -> Relation {
        match self.bind_any(expr, Scope::default(), Wanted::Rows) {
            Bound::Rows(rows) => rows,
            Bound::Scalar(scalar) => {
                if scalar.is_some() {
                    self.error(codes::NOT_TABLE, expr.span, "expected a table, found a scalar");
                }
                broken_rows(expr.span)
            }
        }
    }
}

/// What a name is looked up as first, and what is said if it is not found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// A scalar, or whatever it is.
    Scalar,
    /// Rows.
    Rows,
}

/// Makes a relation that has no node of its own.
pub(crate) fn opaque(
    what: &'static str,
    inputs: Vec<Relation>,
    columns: Vec<Column>,
    open_schema: bool,
    span: Span,
) -> Relation {
    Relation { kind: RelationKind::Opaque { what, inputs, open_schema }, columns, span }
}

/// Returns a result that cannot be had without the rows that nobody knows the columns of.
fn resting_on(result: Relation, unresolved: &[Relation]) -> Relation {
    if unresolved.is_empty() {
        return result;
    }
    let (columns, span) = (result.columns.clone(), result.span);
    let is_open = result.has_open_schema();
    let inputs = unresolved.iter().cloned().chain([result]).collect();
    opaque("scalar of rows whose columns are not known", inputs, columns, is_open, span)
}

/// Returns rows whose schema is not known, after an error.
pub(crate) fn broken_rows(span: Span) -> Relation {
    opaque("erroneous expression", Vec::new(), Vec::new(), true, span)
}

/// Returns rows of which only some columns are known, after an error in an operator.
pub(crate) fn broken_after(rows: Relation, span: Span) -> Relation {
    let columns = rows.columns.clone();
    opaque("erroneous operator", vec![rows], columns, true, span)
}

/// Makes an expression that is a column.
pub(crate) fn column_expr(column: &Column, span: Span) -> Expr {
    Expr { kind: ExprKind::Column(column.id), ty: column.ty, span }
}

/// Makes a literal.
pub(crate) fn literal(value: Value, span: Span) -> Expr {
    Expr { ty: value.ty(), kind: ExprKind::Literal(value), span }
}
