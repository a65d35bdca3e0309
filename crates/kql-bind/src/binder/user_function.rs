//! Functions of the query and saved functions: declaring and calling them.
//!
//! A call binds the body anew with the arguments in place of the parameters. A body is also bound once
//! where it is declared, with placeholders, so that its errors are reported once and where they are.

use std::{collections::HashSet, rc::Rc};

use kql_syntax::{
    Diagnostic, Severity, Span,
    ast::{self, Argument, FunctionDecl, ParamDecl, ParamType, StatementKind},
};
use kql_types::KqlType;

use super::{
    super::conversion::convert, Binder, Binding, Bound, Env, Function, Row, Scope, Wanted, opaque,
};
use crate::{
    codes,
    tree::{ColumnId, Expr, ExprKind, Relation},
};

/// The function that stands for a parameter's value where a function is declared.
pub(crate) const PARAMETER: &str = "parameter";

/// What one call counts towards the limit of copied nodes.
const CALL_NODES: usize = 64;

impl Binder<'_> {
    /// Binds a function's body with placeholders and keeps what is found; `false` after errors.
    pub(crate) fn check_declaration(&mut self, function: &Function) -> bool {
        let (known, unresolved) = (self.diagnostics.len(), self.unresolved.len());
        let unnamed = std::mem::replace(&mut self.next_unnamed, 1);
        let mut env = Env::block(Rc::clone(&function.env));
        for param in &function.decl.params {
            let binding = self.placeholder(param);
            Env::define(&mut env, &param.name.text, binding);
        }
        if self.enter(function.decl.span) {
            self.within(env, |it| it.bind_body(&function.decl.body));
            self.leave();
        }
        self.next_unnamed = unnamed;
        // What rests on parameters is bound again with every call.
        self.unresolved.truncate(unresolved);
        !self.diagnostics.iter().skip(known).any(|it| it.severity == Severity::Error)
    }

    fn placeholder(&mut self, param: &ParamDecl) -> Binding {
        let span = param.name.span;
        match &param.ty {
            ParamType::Scalar(ty) => Binding::Scalar(self.type_named(ty).map(|ty| Expr {
                kind: ExprKind::Call { function: PARAMETER, args: Vec::new() },
                ty,
                span,
            })),
            ParamType::Table(columns) => {
                let columns = self.declared_columns(columns);
                let rows = opaque(PARAMETER, Vec::new(), columns, false, span);
                Binding::Rows { rows, is_view: false, deferred: None }
            }
            ParamType::AnyTable => Binding::Rows {
                rows: opaque(PARAMETER, Vec::new(), Vec::new(), true, span),
                is_view: false,
                deferred: None,
            },
            ParamType::Missing => Binding::Scalar(None),
        }
    }

    /// Returns the first argument of a call, if it is a constant text or a plain name: a column's, if
    /// rows are piped. What is wrong with it is told when it is bound as an argument.
    fn first_text(&mut self, args: &[Argument], scope: Scope<'_>) -> Option<String> {
        let value = &args.first()?.value;
        if let ast::ExprKind::Name(name) = &value.kind
            && self.env.get(&name.text).is_none()
        {
            return Some(name.text.clone());
        }
        let known = self.diagnostics.len();
        let first = self.bind_scalar(value, scope);
        self.diagnostics.truncate(known);
        first?.text_constant().map(str::to_owned)
    }

    /// Calls a saved function of the catalog; `None` if there is none of that name.
    pub(crate) fn call_saved(
        &mut self,
        name: &ast::Name,
        args: &[Argument],
        piped: Option<Relation>,
        scope: Scope<'_>,
        span: Span,
    ) -> Option<Bound> {
        let first = self.first_text(args, scope);
        let text = self.catalog.function_for(&name.text, first.as_deref())?;
        let active: std::sync::Arc<str> = name.text.as_str().into();
        if self.active.contains(&active) {
            let message = format!("function `{}` calls itself", name.text);
            self.error(codes::RECURSION, span, message);
            return Some(Bound::Scalar(None));
        }
        let (query, found) = kql_syntax::parse(&format!("let saved = {text};"));
        let broken = found.into_iter().find(|it| it.severity == Severity::Error);
        let decl = query.statements.into_iter().find_map(|statement| match statement.kind {
            StatementKind::Let { value: ast::LetValue::Function(decl), .. } => Some(decl),
            _ => None,
        });
        let Some(decl) = decl.filter(|_| broken.is_none()) else {
            let message = format!("function `{}` cannot be read", name.text);
            self.error(codes::BROKEN_CALL, span, message);
            return Some(Bound::Scalar(None));
        };
        // Measured: a saved function is put in place of its call, so that its body sees the caller's
        // variables, tables' names included; parameters and its own variables come before.
        let function =
            Function { decl, env: Rc::clone(&self.env), is_view: false, is_broken: false };
        self.active.push(active);
        let named = piped.as_ref().filter(|_| self.catalog.takes_column_names(&name.text));
        let rows = named.map(|rows| {
            opaque(PARAMETER, Vec::new(), rows.columns.clone(), rows.has_open_schema(), span)
        });
        let row = rows.as_ref().map(Row::of);
        let scope = Scope { row: row.as_ref().or(scope.row), ..scope };
        let bound = self.call_function(&name.text, &function, args, piped, scope, span);
        self.active.pop();
        Some(match bound {
            // What is missing is missing here, not in the function's text.
            Bound::Rows(rows) if rows.is_missing() => Bound::Rows(Relation { span, ..rows }),
            bound => bound,
        })
    }

    /// Binds a function's body with the arguments; `piped` is what `invoke` passes first.
    pub(crate) fn call_function(
        &mut self,
        name: &str,
        function: &Function,
        args: &[Argument],
        piped: Option<Relation>,
        scope: Scope<'_>,
        span: Span,
    ) -> Bound {
        let Some(env) = self.bind_arguments(name, function, args, piped, scope, span) else {
            return Bound::Scalar(None);
        };
        self.copied_nodes = self.copied_nodes.saturating_add(CALL_NODES);
        if self.copied_nodes > super::MAX_COPIED_NODES {
            self.error(codes::TOO_LARGE, span, "the query unfolds to more than can be bound");
            return Bound::Scalar(None);
        }
        if !self.enter(span) {
            return Bound::Scalar(None);
        }
        let outer = std::mem::take(&mut self.diagnostics);
        let unnamed = std::mem::replace(&mut self.next_unnamed, 1);
        let bound = self.within(env, |it| it.bind_body(&function.decl.body));
        let found = std::mem::replace(&mut self.diagnostics, outer);
        self.next_unnamed = unnamed;
        self.leave();
        if !function.is_broken {
            self.report_call(name, &found, span);
        }
        if let Some(row) = scope.row
            && reads_within_rows(&bound, row)
        {
            let message = format!("`{name}` reads rows by values of the row that it is called for");
            let help =
                Some("`join` the rows instead: they cannot be read anew for each row".into());
            self.error_with_help(codes::ROW_IN_ROWS, span, message, help);
            return Bound::Scalar(None);
        }
        bound
    }

    /// Reports the first error of a call's body, which its declaration does not have.
    fn report_call(&mut self, name: &str, found: &[Diagnostic], span: Span) {
        if let Some(first) = found.iter().find(|it| it.severity == Severity::Error) {
            let message = format!("`{name}` does not bind with these arguments: {}", first.message);
            // A missing table stays one, so that a fuzzy union may leave the call out.
            let code = match first.code {
                codes::UNKNOWN_TABLE => codes::UNKNOWN_TABLE,
                _ => codes::BROKEN_CALL,
            };
            self.diagnostics.push(Diagnostic::error(code, span, message));
        }
    }

    fn bind_arguments(
        &mut self,
        name: &str,
        function: &Function,
        args: &[Argument],
        piped: Option<Relation>,
        scope: Scope<'_>,
        span: Span,
    ) -> Option<Rc<Env>> {
        let FunctionDecl { params, .. } = &function.decl;
        let offset = usize::from(piped.is_some());
        let places = self.place_arguments(name, params, args, offset, span)?;
        let mut env = Env::block(Rc::clone(&function.env));
        if let (Some(rows), Some(param)) = (piped, params.first()) {
            self.check_table(param, &rows, span);
            Env::define(
                &mut env,
                &param.name.text,
                Binding::Rows { rows, is_view: false, deferred: None },
            );
        }
        for (param, place) in params.iter().zip(places).skip(offset) {
            let binding = match (place.and_then(|at| args.get(at)), &param.default) {
                (Some(argument), _) => self.bind_argument(param, &argument.value, scope),
                (None, Some(default)) => self.bind_argument(param, default, Scope::default()),
                (None, None) => {
                    self.count_error(name, params, offset, span);
                    return None;
                }
            };
            Env::define(&mut env, &param.name.text, binding);
        }
        Some(env)
    }

    /// Returns for each parameter which argument it gets.
    fn place_arguments(
        &mut self,
        name: &str,
        params: &[ParamDecl],
        args: &[Argument],
        offset: usize,
        span: Span,
    ) -> Option<Vec<Option<usize>>> {
        let mut places: Vec<Option<usize>> = vec![None; params.len()];
        let mut next = offset;
        for (at, argument) in args.iter().enumerate() {
            let position = match &argument.name {
                None => next,
                Some(wanted) => {
                    let found = params.iter().position(|it| it.name.text == wanted.text);
                    let Some(position) = found else {
                        self.unknown_argument(name, params, wanted);
                        return None;
                    };
                    position
                }
            };
            let Some(place) = places.get_mut(position) else {
                self.count_error(name, params, offset, span);
                return None;
            };
            *place = Some(at);
            next = position.saturating_add(1);
        }
        Some(places)
    }

    fn unknown_argument(&mut self, name: &str, params: &[ParamDecl], wanted: &ast::Name) {
        let known = params.iter().map(|it| it.name.text.as_str());
        let help = super::did_you_mean(&wanted.text, known);
        let message = format!("`{name}` has no parameter `{}`", wanted.text);
        self.error_with_help(codes::UNKNOWN_ARGUMENT, wanted.span, message, help);
    }

    fn bind_argument(&mut self, param: &ParamDecl, value: &ast::Expr, scope: Scope<'_>) -> Binding {
        match &param.ty {
            ParamType::Scalar(ty) => {
                let bound = self.bind_scalar(value, scope);
                let ty = self.type_named(ty);
                Binding::Scalar(bound.zip(ty).map(|(it, ty)| convert(it, ty)))
            }
            ParamType::Table(_) | ParamType::AnyTable => {
                let rows = self.bind_rows(value);
                self.check_table(param, &rows, value.span);
                Binding::Rows { rows, is_view: false, deferred: None }
            }
            ParamType::Missing => match self.bind_any(value, scope, Wanted::Scalar) {
                Bound::Scalar(scalar) => Binding::Scalar(scalar),
                Bound::Rows(rows) => Binding::Rows { rows, is_view: false, deferred: None },
            },
        }
    }

    /// Reports columns that a tabular parameter asks for and the rows do not have.
    fn check_table(&mut self, param: &ParamDecl, rows: &Relation, span: Span) {
        let ParamType::Table(declared) = &param.ty else { return };
        let row = Row::of(rows);
        if row.is_open() {
            return;
        }
        for wanted in declared {
            let ty = wanted.ty.as_ref().and_then(|it| it.text.parse::<KqlType>().ok());
            let found = row.get(&wanted.name.text);
            let fits =
                found.is_some_and(|it| self.is_unknown(it.id) || ty.is_none_or(|ty| ty == it.ty));
            if !fits {
                let message = format!(
                    "`{}` needs a column `{}` of type {}",
                    param.name.text,
                    wanted.name.text,
                    ty.map_or("?", KqlType::name),
                );
                self.error(codes::MISSING_COLUMNS, span, message);
                return;
            }
        }
    }

    fn count_error(&mut self, name: &str, params: &[ParamDecl], offset: usize, span: Span) {
        let most = params.len().saturating_sub(offset);
        let least = params.iter().skip(offset).filter(|it| it.default.is_none()).count();
        let expected = if least == most { format!("{most}") } else { format!("{least} to {most}") };
        let noun = if most == 1 { "argument" } else { "arguments" };
        self.error(codes::ARGUMENT_COUNT, span, format!("`{name}` takes {expected} {noun}"));
    }
}

/// Tells whether rows within what a call gives read columns of the row that it is called for.
fn reads_within_rows(bound: &Bound, row: &Row<'_>) -> bool {
    let outer: HashSet<ColumnId> = row.columns().iter().map(|column| column.id).collect();
    let mut found = false;
    let mut look = |rows: &Relation| {
        rows.for_each_column_read(&mut |id| found = found || outer.contains(&id));
    };
    match bound {
        Bound::Scalar(Some(value)) => value.for_each_relation(&mut look),
        Bound::Scalar(None) => {}
        Bound::Rows(rows) => look(rows),
    }
    found
}
