//! Tabular operators: what each makes of the rows it is given.

mod as_name;
mod evaluate;
mod graph;
mod groups;
mod invoke;
mod parts;
mod plugins;
mod render;
mod rows;
mod scan;
mod shape;
mod tables;

use std::collections::HashSet;

use kql_syntax::{
    Span,
    ast::{self, ColumnDecl, Operator, OperatorKind, Param},
};

use self::tables::{search, table_list::Leg};
use crate::{
    binder::{Binder, broken_after, broken_rows, opaque},
    codes,
    tree::{Column, Relation},
};

/// Operators in one pipeline; relations nest as deep, and dropping them takes stack.
const MAX_OPERATORS: usize = 1_000;

impl Binder<'_> {
    /// Binds a pipeline; without a source the first operator makes the rows.
    pub(crate) fn bind_pipeline(
        &mut self,
        source: Option<&ast::Expr>,
        operators: &[Operator],
        span: Span,
    ) -> Relation {
        match (source, operators.split_first()) {
            (Some(source), _) => {
                let rows = self.bind_rows(source);
                let name = self.leg_name(source, &rows);
                self.bind_named_operators(rows, name, operators)
            }
            (None, Some((first, rest))) => {
                let rows = self.bind_source(first);
                self.bind_operators(rows, rest)
            }
            (None, None) => broken_rows(span),
        }
    }

    /// Binds operators in order, the first one over `rows`.
    pub(crate) fn bind_operators(&mut self, rows: Relation, operators: &[Operator]) -> Relation {
        self.bind_named_operators(rows, None, operators)
    }

    /// Binds operators in order over rows that have a name, for `union` to tell them apart.
    fn bind_named_operators(
        &mut self,
        rows: Relation,
        name: Option<String>,
        operators: &[Operator],
    ) -> Relation {
        let mut rows = rows;
        let mut name = name;
        for (at, operator) in operators.iter().enumerate() {
            if at >= MAX_OPERATORS {
                let message = format!("a pipeline of more than {MAX_OPERATORS} operators");
                self.error(codes::TOO_DEEP, operator.span, message);
                return broken_rows(operator.span);
            }
            self.note_input(operator.span, &rows);
            rows = match &operator.kind {
                OperatorKind::Union { params, tables } => {
                    let piped = Leg { rows, name: name.take() };
                    self.bind_union(Some(piped), params, tables, operator.span)
                }
                OperatorKind::Search { params, tables, predicate } => {
                    let piped = Leg { rows, name: name.take() };
                    let clauses = search::Clauses { params, tables, predicate };
                    self.bind_search(Some(piped), &clauses, operator.span)
                }
                _ => self.bind_operator(rows, operator),
            };
            name = match &operator.kind {
                OperatorKind::As { name, .. } => Some(name.text.clone()),
                _ => None,
            };
        }
        rows
    }

    /// Binds a body that continues rows given by an operator: of `mv-apply`, `partition`, `fork`.
    pub(crate) fn bind_continuation(&mut self, rows: Relation, body: &ast::Expr) -> Relation {
        match &body.kind {
            ast::ExprKind::Pipeline { source: None, operators } => {
                self.bind_operators(rows, operators)
            }
            ast::ExprKind::Paren(inner) => self.bind_continuation(rows, inner),
            _ => self.bind_rows(body),
        }
    }

    /// Binds an operator that starts a pipeline.
    fn bind_source(&mut self, operator: &Operator) -> Relation {
        let span = operator.span;
        match &operator.kind {
            OperatorKind::Print(items) => self.bind_print(items, span),
            OperatorKind::Range { name, from, to, step } => {
                self.bind_range(name, [from, to, step], span)
            }
            OperatorKind::Union { params, tables } => self.bind_union(None, params, tables, span),
            OperatorKind::Search { params, tables, predicate } => {
                let clauses = search::Clauses { params, tables, predicate };
                self.bind_search(None, &clauses, span)
            }
            OperatorKind::Find { .. } => self.bind_find(&operator.kind, span),
            OperatorKind::Evaluate(args) => {
                let rows = one_row(span);
                self.bind_evaluate(rows, args, span)
            }
            OperatorKind::MacroExpand { .. } => {
                opaque("macro-expand", Vec::new(), Vec::new(), true, span)
            }
            OperatorKind::Other { name, .. } if name.text == "inline_external_table" => {
                opaque("inline_external_table", Vec::new(), Vec::new(), true, span)
            }
            OperatorKind::Error => broken_rows(span),
            _ => {
                self.error(codes::NOT_TABLE, span, "the operator needs rows to work on");
                broken_rows(span)
            }
        }
    }

    fn bind_operator(&mut self, rows: Relation, operator: &Operator) -> Relation {
        let span = operator.span;
        match &operator.kind {
            OperatorKind::Where { predicate, .. } => self.bind_where(rows, predicate, span),
            OperatorKind::Project(items) => self.bind_project(rows, items, span),
            OperatorKind::Extend(items) => self.bind_extend(rows, items, span),
            OperatorKind::Serialize { columns, .. } => self.bind_extend(rows, columns, span),
            OperatorKind::ProjectAway(names) => self.bind_project_away(rows, names, span),
            OperatorKind::ProjectKeep(names) => self.bind_project_keep(rows, names, span),
            OperatorKind::ProjectByNames(names) => self.bind_project_by_names(rows, names, span),
            OperatorKind::ProjectRename(items) => self.bind_project_rename(rows, items, span),
            OperatorKind::ProjectReorder(keys) => self.bind_project_reorder(rows, keys, span),
            OperatorKind::Summarize { params, aggregates, by, bin } => {
                self.check_hints(params);
                self.bind_summarize(rows, aggregates, by, bin.as_deref(), span)
            }
            OperatorKind::Distinct { columns, .. } => self.bind_distinct(rows, columns, span),
            OperatorKind::Count { name } => self.bind_count(rows, name.as_ref(), span),
            OperatorKind::Sort { by, .. } => self.bind_sort(rows, by, span),
            OperatorKind::Top { count, by, .. } => self.bind_top(rows, count, by, span),
            OperatorKind::Take { count, .. } => self.bind_take(rows, count, span),
            OperatorKind::Join { params, right, on } => {
                self.bind_join(rows, params, right, on, span)
            }
            OperatorKind::Lookup { params, right, on } => {
                self.bind_lookup(rows, params, right, on, span)
            }
            OperatorKind::As { name, .. } => self.bind_as(rows, name),
            OperatorKind::Render { chart, .. } => {
                self.check_chart(chart);
                rows
            }
            OperatorKind::AssertSchema(_) | OperatorKind::ExecuteAndCache => rows,
            OperatorKind::Error => broken_after(rows, span),
            _ => self.bind_rarer(rows, operator),
        }
    }

    /// Binds the operators that real queries seldom use.
    fn bind_rarer(&mut self, rows: Relation, operator: &Operator) -> Relation {
        let span = operator.span;
        match &operator.kind {
            OperatorKind::MvExpand { params, items, limit } => {
                self.bind_mv_expand(rows, params, items, limit.as_deref(), span)
            }
            OperatorKind::MvApply { params, items, limit, body, .. } => {
                self.bind_mv_apply(rows, params, items, limit.as_deref(), body, span)
            }
            OperatorKind::MakeSeries { params, aggregates, axis, by } => {
                let clauses = groups::make_series::Clauses { params, aggregates, axis, by };
                self.bind_make_series(rows, &clauses, span)
            }
            OperatorKind::Parse { filter, source, pattern, params } => {
                self.bind_parse(rows, *filter, params, source, pattern, span)
            }
            OperatorKind::ParseKv { source, columns, properties, .. } => {
                self.bind_parse_kv(rows, source, columns, properties, span)
            }
            OperatorKind::Evaluate(args) => self.bind_evaluate(rows, args, span),
            OperatorKind::Invoke(call) => self.bind_invoke(rows, call, span),
            OperatorKind::GetSchema(params) => self.bind_getschema(&rows, params, span),
            OperatorKind::Sample { count, .. } => self.bind_sample(rows, count, span),
            OperatorKind::SampleDistinct { count, of, .. } => {
                self.bind_sample_distinct(rows, count, of, span)
            }
            OperatorKind::TopHitters { count, of, by, .. } => {
                self.bind_top_hitters(rows, count, of, by.as_deref(), span)
            }
            OperatorKind::TopNested(clauses) => self.bind_top_nested(rows, clauses, span),
            OperatorKind::Partition { by, body, .. } => self.bind_partition(rows, by, body, span),
            OperatorKind::PartitionBy { by, body, .. } => {
                self.bind_partition_by(rows, by, body, span)
            }
            OperatorKind::Scan { .. } => self.bind_scan(rows, &operator.kind, span),
            OperatorKind::Reduce { by, .. } => self.bind_reduce(rows, by, span),
            OperatorKind::Fork(branches) => self.bind_fork(&rows, branches, span),
            OperatorKind::Facet { by, with } => self.bind_facet(&rows, by, with, span),
            OperatorKind::MakeGraph { .. }
            | OperatorKind::GraphMatch { .. }
            | OperatorKind::GraphToTable { .. }
            | OperatorKind::GraphWhere { .. }
            | OperatorKind::GraphMarkComponents(_) => self.bind_graph(rows, &operator.kind, span),
            OperatorKind::Consume(_) => rows::consume::nothing_of(rows, span),
            OperatorKind::MacroExpand { .. } => {
                opaque("macro-expand", vec![rows], Vec::new(), true, span)
            }
            OperatorKind::Other { name, .. } => {
                let message = format!("queries cannot use the operator `{}`", name.text);
                self.error(codes::UNKNOWN_OPERATOR, name.span, message);
                broken_after(rows, span)
            }
            _ => {
                let message = "the operator makes rows and cannot follow others";
                self.error(codes::NOT_TABLE, span, message);
                broken_after(rows, span)
            }
        }
    }

    /// Reports a name that is there twice among those that an operator spells out.
    pub(crate) fn check_names<'n>(&mut self, names: impl Iterator<Item = &'n ast::Name>) {
        let mut seen = HashSet::new();
        for name in names {
            if !seen.insert(name.text.as_str()) {
                let message = format!("a column `{}` is already there", name.text);
                self.error(codes::DUPLICATE_COLUMN, name.span, message);
            }
        }
    }

    /// Makes columns of a declared schema; unknown types are reported.
    pub(crate) fn declared_columns(&mut self, declared: &[ColumnDecl]) -> Vec<Column> {
        self.check_names(declared.iter().map(|column| &column.name));
        declared
            .iter()
            .map(|column| {
                let name = column.name.text.as_str();
                match column.ty.as_ref().map(|ty| self.type_named(ty)) {
                    Some(Some(ty)) => self.fresh_column(name, ty),
                    Some(None) | None => self.unknown_column(name),
                }
            })
            .collect()
    }
}

/// Returns the value of the parameter of that name.
pub(crate) fn parameter<'p>(params: &'p [Param], name: &str) -> Option<&'p ast::Expr> {
    params.iter().find(|param| param.name.text == name).map(|param| &param.value)
}

/// Returns the bare word or the literal that a parameter's value is.
pub(crate) fn word(value: &ast::Expr) -> Option<&str> {
    match &value.kind {
        ast::ExprKind::Name(name) => Some(&name.text),
        ast::ExprKind::Literal(ast::Literal::String(text)) => Some(text),
        ast::ExprKind::Literal(ast::Literal::Bool(Some(true))) => Some("true"),
        ast::ExprKind::Literal(ast::Literal::Bool(Some(false))) => Some("false"),
        _ => None,
    }
}

fn one_row(span: Span) -> Relation {
    Relation { kind: crate::tree::RelationKind::OneRow, columns: Vec::new(), span }
}
