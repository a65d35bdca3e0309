//! Statements: `let`, query parameters, and the expressions whose rows are the result.

use std::rc::Rc;

use kql_syntax::ast::{
    self, FunctionBody, FunctionDecl, LetValue, ParamDecl, ParamType, Statement, StatementKind,
};
use kql_types::Value;

use super::{super::conversion::convert, Binder, Binding, Bound, Env, Function, Scope, Wanted};
use crate::{
    codes,
    tree::{Relation, RelationKind},
};

impl Binder<'_> {
    /// Binds statements in order and returns the rows of those that yield any.
    pub(crate) fn bind_statements(&mut self, statements: &[Statement]) -> Vec<Relation> {
        let mut results = Vec::new();
        for statement in statements {
            match &statement.kind {
                StatementKind::Expr(expr) => {
                    results.extend(self.bind_result(expr).into_iter().flat_map(branches));
                }
                StatementKind::Let { name, value } => self.bind_let(name, value),
                // `read_options` has read it.
                StatementKind::Set { .. } => {}
                StatementKind::DeclareQueryParameters(params) => self.bind_query_parameters(params),
                StatementKind::Pattern { name, cases } => {
                    let (cases, env) = (cases.clone(), Rc::clone(&self.env));
                    Env::define(&mut self.env, &name.text, Binding::Pattern { cases, env });
                }
                StatementKind::Alias { .. } | StatementKind::Restrict(_) | StatementKind::Error => {
                }
            }
        }
        results
    }

    /// Binds a function's body: statements, then the value.
    pub(crate) fn bind_body(&mut self, body: &FunctionBody) -> Bound {
        self.read_options(&body.statements);
        self.bind_statements(&body.statements);
        match &body.value {
            Some(value) => self.bind_any(value, Scope::default(), Wanted::Scalar),
            None => Bound::Scalar(None),
        }
    }

    fn bind_result(&mut self, expr: &ast::Expr) -> Option<Relation> {
        match self.bind_any(expr, Scope::default(), Wanted::Rows) {
            Bound::Rows(rows) => Some(rows),
            Bound::Scalar(Some(_)) => {
                self.error_with_help(
                    codes::NOT_TABLE,
                    expr.span,
                    "expected a table, found a scalar",
                    Some("`print` makes a row of it".into()),
                );
                None
            }
            Bound::Scalar(None) => None,
        }
    }

    fn bind_let(&mut self, name: &ast::Name, value: &LetValue) {
        let binding = match value {
            LetValue::Expr(expr) => {
                let known = self.diagnostics.len();
                match self.bind_any(expr, Scope::default(), Wanted::Scalar) {
                    Bound::Scalar(scalar) => Binding::Scalar(scalar),
                    Bound::Rows(rows) => {
                        let deferred = self.defer_missing_tables(known);
                        Binding::Rows { rows, is_view: false, deferred }
                    }
                }
            }
            LetValue::Function(decl) => self.declare_function(decl, false),
            LetValue::View(decl) => self.declare_function(decl, true),
        };
        if self.env.defines(&name.text) {
            self.error(
                codes::DUPLICATE_LET,
                name.span,
                format!("`{}` is already defined", name.text),
            );
            return;
        }
        self.note_variable(name.span, &binding);
        Env::define(&mut self.env, &name.text, binding);
    }

    fn declare_function(&mut self, decl: &FunctionDecl, is_view: bool) -> Binding {
        let env = Rc::clone(&self.env);
        let mut function = Function { decl: decl.clone(), env, is_view, is_broken: false };
        function.is_broken = !self.check_declaration(&function);
        Binding::Function(function)
    }

    fn bind_query_parameters(&mut self, params: &[ParamDecl]) {
        for param in params {
            let ParamType::Scalar(ty) = &param.ty else { continue };
            let Some(ty) = self.type_named(ty) else { continue };
            let value = match &param.default {
                Some(default) => {
                    let bound = self.bind_scalar(default, Scope::default());
                    bound.map(|expr| convert(expr, ty))
                }
                None => Some(super::literal(Value::missing(ty), param.name.span)),
            };
            Env::define(&mut self.env, &param.name.text, Binding::Scalar(value));
        }
    }
}

/// Returns the results of a statement: of one that ends with `fork` or `facet`, several.
fn branches(rows: Relation) -> Vec<Relation> {
    match rows.kind {
        RelationKind::Opaque { what: "fork" | "facet", inputs, .. } => inputs,
        kind => vec![Relation { kind, ..rows }],
    }
}
