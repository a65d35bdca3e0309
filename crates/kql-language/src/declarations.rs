//! The names that a query defines: `let`s, parameters, query parameters.

use kql_syntax::{
    Span,
    ast::{
        FunctionBody, FunctionDecl, LetValue, Name, ParamDecl, ParamType, Query, Statement,
        StatementKind,
    },
};

use crate::answers::SymbolKind;

/// A name, and where it may be used.
#[derive(Clone, Debug)]
pub(crate) struct Declaration {
    /// The name.
    pub(crate) name: Name,
    /// What it is.
    pub(crate) kind: SymbolKind,
    /// The statement or the parameter.
    pub(crate) span: Span,
    /// Where the name means this.
    pub(crate) scope: Span,
    /// How a function is called: its parameters with their types, as they are written.
    pub(crate) params: Option<Vec<String>>,
}

/// Returns all names that a query defines, outer ones before inner ones.
pub(crate) fn declarations(query: &Query, text: &str) -> Vec<Declaration> {
    let mut found = Declarations { text, all: Vec::new() };
    found.statements(&query.statements, query.span.end);
    found.all
}

/// Returns what a name means at an offset: the innermost that is defined there, the latest if several are.
pub(crate) fn resolve<'d>(
    declarations: &'d [Declaration],
    name: &str,
    offset: u32,
) -> Option<&'d Declaration> {
    visible(declarations, offset).filter(|it| it.name.text == name).min_by_key(|it| {
        let Span { start, end } = it.scope;
        end.abs_diff(start)
    })
}

/// Yields the names that may be used at an offset.
pub(crate) fn visible(
    declarations: &[Declaration],
    offset: u32,
) -> impl Iterator<Item = &Declaration> {
    declarations.iter().filter(move |it| it.scope.start <= offset && offset <= it.scope.end)
}

/// Returns the parameters of a saved function, as its text writes them.
pub(crate) fn saved_params(text: &str) -> Option<Vec<String>> {
    let text = format!("let saved = {text};");
    let (query, _) = kql_syntax::parse(&text);
    declarations(&query, &text).into_iter().find_map(|it| it.params)
}

struct Declarations<'t> {
    text: &'t str,
    all: Vec<Declaration>,
}

impl Declarations<'_> {
    fn statements(&mut self, statements: &[Statement], end: u32) {
        for statement in statements {
            let scope = Span::new(statement.span.end, end.max(statement.span.end));
            match &statement.kind {
                StatementKind::Let { name, value } => {
                    let (kind, decl) = match value {
                        LetValue::Expr(_) => (SymbolKind::Variable, None),
                        LetValue::Function(decl) | LetValue::View(decl) => {
                            (SymbolKind::Function, Some(decl))
                        }
                    };
                    self.add(name, kind, statement.span, scope);
                    if let Some(decl) = decl {
                        self.function(decl);
                    }
                }
                StatementKind::DeclareQueryParameters(params) => {
                    for param in params {
                        self.add(&param.name, SymbolKind::Parameter, param.name.span, scope);
                    }
                }
                StatementKind::Pattern { name, .. } => {
                    self.add(name, SymbolKind::Function, statement.span, scope);
                }
                _ => {}
            }
        }
    }

    fn function(&mut self, decl: &FunctionDecl) {
        let params = decl.params.iter().map(|param| self.param(param)).collect();
        if let Some(function) = self.all.last_mut() {
            function.params = Some(params);
        }
        for param in &decl.params {
            self.add(&param.name, SymbolKind::Parameter, param.name.span, decl.span);
        }
        let FunctionBody { statements, .. } = &decl.body;
        self.statements(statements, decl.span.end);
    }

    fn add(&mut self, name: &Name, kind: SymbolKind, span: Span, scope: Span) {
        self.all.push(Declaration { name: name.clone(), kind, span, scope, params: None });
    }

    /// Returns a parameter as it is written, without its default.
    fn param(&self, param: &ParamDecl) -> String {
        let name = &param.name.text;
        match &param.ty {
            ParamType::Scalar(ty) => format!("{name}: {}", ty.text),
            ParamType::Table(columns) => {
                let columns = columns.iter().map(|column| {
                    let ty =
                        column.ty.as_ref().map_or(String::new(), |ty| format!(": {}", ty.text));
                    format!("{}{ty}", column.name.text)
                });
                format!("{name}: ({})", columns.collect::<Vec<_>>().join(", "))
            }
            ParamType::AnyTable => format!("{name}: (*)"),
            ParamType::Missing => self.text.get(param.name.span.range()).unwrap_or(name).to_owned(),
        }
    }
}
