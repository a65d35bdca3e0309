//! A query taken apart into its stages: the source of each pipeline, then each operator.
//!
//! A stage is a query of its own, that counts the rows which the pipeline has up to there. All of them
//! run in one pass over the input, like any other queries.

use std::sync::Arc;

use kql_syntax::{
    Diagnostic, Span,
    ast::{Expr, ExprKind, LetValue, Operator, OperatorKind, Query, Statement, StatementKind},
};

use crate::query::{
    compile::{CompiledQuery, compile_parsed},
    environment::Environment,
};

/// A stage of a query.
#[derive(Clone, Debug)]
pub struct Stage {
    /// How many operators it stands within: the right side of a join is one deeper than the join.
    pub depth: usize,
    /// The variable whose rows the pipeline makes, if it is a `let`'s.
    pub variable: Option<Arc<str>>,
    /// The source's or the operator's text.
    pub text: String,
    /// Counts the rows up to here; the diagnostics of what does not run yet.
    pub query: Result<CompiledQuery, Vec<Diagnostic>>,
}

/// Takes a query apart, in the order of its text.
///
/// # Errors
///
/// All diagnostics, if one of them is an error of syntax, names or types.
pub fn stages(text: &str, environment: &Environment) -> Result<Vec<Stage>, Vec<Diagnostic>> {
    let (query, found) = kql_syntax::parse(text);
    let checked = crate::query::compile::check(text, environment);
    if !checked.is_ok() || crate::query::compile::has_errors(&found) {
        return Err(checked.diagnostics);
    }
    let mut stages = Stages { text, environment, before: Vec::new(), found: Vec::new() };
    for statement in &query.statements {
        match &statement.kind {
            StatementKind::Expr(expr) => stages.pipeline(expr, None, 0),
            StatementKind::Let { name, value: LetValue::Expr(expr) } => {
                if is_pipeline(expr) {
                    stages.pipeline(expr, Some(name.text.as_str().into()), 0);
                }
                stages.before.push(statement.clone());
            }
            _ => stages.before.push(statement.clone()),
        }
    }
    Ok(stages.found)
}

struct Stages<'q> {
    text: &'q str,
    environment: &'q Environment,
    /// The statements that a stage needs before it.
    before: Vec<Statement>,
    found: Vec<Stage>,
}

impl Stages<'_> {
    fn pipeline(&mut self, expr: &Expr, variable: Option<Arc<str>>, depth: usize) {
        match &expr.kind {
            ExprKind::Paren(inner) => self.pipeline(inner, variable, depth),
            ExprKind::Pipeline { source, operators } => {
                if let Some(source) = source {
                    self.pipeline(source, variable.clone(), depth);
                }
                for (at, operator) in operators.iter().enumerate() {
                    if passes_rows_on(&operator.kind) {
                        continue;
                    }
                    let operators = operators.iter().take(at.saturating_add(1)).cloned();
                    let rows = ExprKind::Pipeline {
                        source: source.clone(),
                        operators: operators.collect(),
                    };
                    let rows = Expr { kind: rows, span: expr.span };
                    self.stage(rows, operator.span, variable.clone(), depth);
                    self.within(&operator.kind, depth.saturating_add(1));
                }
            }
            _ => self.stage(expr.clone(), expr.span, variable, depth),
        }
    }

    /// Takes the pipelines apart that an operator reads beside the one it stands in.
    fn within(&mut self, operator: &OperatorKind, depth: usize) {
        match operator {
            OperatorKind::Join { right, .. } | OperatorKind::Lookup { right, .. } => {
                self.side(right, depth);
            }
            OperatorKind::Union { tables, .. } => {
                for table in tables {
                    self.side(table, depth);
                }
            }
            _ => {}
        }
    }

    fn side(&mut self, rows: &Expr, depth: usize) {
        if is_pipeline(rows) {
            self.pipeline(rows, None, depth);
        }
    }

    fn stage(&mut self, rows: Expr, span: Span, variable: Option<Arc<str>>, depth: usize) {
        let text = self.text.get(span.range()).unwrap_or_default().to_owned();
        let counted = counted(rows);
        let statement = Statement { span: counted.span, kind: StatementKind::Expr(counted) };
        let statements = self.before.iter().cloned().chain([statement]).collect();
        let query = Query { statements, span };
        let query = compile_parsed(&query, self.text, self.environment, false);
        self.found.push(Stage { depth, variable, text, query });
    }
}

/// Returns rows with `count` behind them.
fn counted(rows: Expr) -> Expr {
    let span = rows.span;
    let count = Operator { kind: OperatorKind::Count { name: None }, span };
    let kind = match rows.kind {
        ExprKind::Pipeline { source, mut operators } => {
            operators.push(count);
            ExprKind::Pipeline { source, operators }
        }
        kind => {
            let source = Some(Box::new(Expr { kind, span }));
            ExprKind::Pipeline { source, operators: vec![count] }
        }
    };
    Expr { kind, span }
}

fn is_pipeline(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Paren(inner) => is_pipeline(inner),
        ExprKind::Pipeline { .. } => true,
        _ => false,
    }
}

/// Tells whether an operator changes nothing that could be counted.
fn passes_rows_on(operator: &OperatorKind) -> bool {
    matches!(
        operator,
        OperatorKind::As { .. }
            | OperatorKind::Render { .. }
            | OperatorKind::Fork(_)
            | OperatorKind::Facet { .. }
    )
}
