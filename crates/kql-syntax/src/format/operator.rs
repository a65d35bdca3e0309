//! Operators: the lists that take a line for each item, and the clauses that start one.

mod clause;
mod graph;

use super::{
    gap::Gap,
    layout::{Layout, Range},
};
use crate::{
    Span,
    ast::{
        Clause, EvaluateArgs, Expr, NamedExpr, Operator, OperatorKind as Kind, OrderKey, Param,
        ParsePart, PartitionBody, RenderProperty, ScanStep,
    },
};

impl Layout<'_, '_> {
    /// Lays out an operator, its pipe not included.
    pub(super) fn operator(&mut self, operator: &Operator) {
        let Some(range) = self.tokens_of(operator.span) else { return };
        match &operator.kind {
            Kind::Extend(columns)
            | Kind::Print(columns)
            | Kind::Project(columns)
            | Kind::ProjectRename(columns) => self.named_list(range, &[], columns),
            Kind::Distinct { params, columns } | Kind::Serialize { params, columns } => {
                self.named_list(range, params, columns);
            }
            Kind::ProjectAway(columns)
            | Kind::ProjectByNames(columns)
            | Kind::ProjectKeep(columns) => self.expr_list(range, &[], columns),
            Kind::Union { params, tables } => self.expr_list(range, params, tables),
            Kind::ProjectReorder(keys) => self.key_list(range, &[], keys),
            Kind::Sort { params, by } => self.key_list(range, params, by),
            Kind::Where { params, predicate } => {
                self.params(params);
                self.expr(predicate);
            }
            Kind::Take { params, count } | Kind::Sample { params, count } => {
                self.params(params);
                self.expr(count);
            }
            Kind::Top { params, count, by } => {
                self.params(params);
                self.expr(count);
                self.order_keys([by.as_ref()]);
            }
            Kind::Range { name, from, to, step } => {
                self.name(name);
                self.exprs([from.as_ref(), to.as_ref(), step.as_ref()]);
            }
            Kind::Summarize { params, aggregates, by, bin } => {
                self.params(params);
                self.summarize(range, aggregates, by);
                self.exprs(bin.as_deref());
            }
            Kind::Join { params, right, on } | Kind::Lookup { params, right, on } => {
                self.params(params);
                self.expr(right);
                self.on(on);
            }
            Kind::Count { name } => self.names(name),
            Kind::As { params, name } => {
                self.params(params);
                self.name(name);
            }
            Kind::Consume(params) | Kind::GetSchema(params) | Kind::GraphMarkComponents(params) => {
                self.params(params);
            }
            Kind::AssertSchema(columns) => self.columns(columns),
            Kind::ExecuteAndCache | Kind::Error => {}
            _ => self.nesting_operator(operator, range),
        }
    }

    /// Lays out operators that hold others, or clauses of their own.
    fn nesting_operator(&mut self, operator: &Operator, range: Range) {
        match &operator.kind {
            Kind::MvExpand { params, items, limit } => {
                self.params(params);
                self.arrays(range, items);
                self.exprs(limit.as_deref());
            }
            Kind::MvApply { params, items, limit, id, body } => {
                self.params(params);
                self.named(items.iter().map(|item| &item.expr));
                self.exprs([limit, id].into_iter().flatten().map(Box::as_ref));
                self.expr(body);
            }
            Kind::Partition { params, by, scope, body } => {
                self.params(params);
                self.expr(by);
                self.exprs(scope.as_deref());
                match body {
                    PartitionBody::Operators(body) => self.before_body(body),
                    PartitionBody::Query(body) => self.body(body, operator.span),
                }
            }
            Kind::PartitionBy { params, by, body } => {
                self.params(params);
                self.expr(by);
                self.before_body(body);
            }
            Kind::MacroExpand { params, group, name, body } => {
                self.params(params);
                self.expr(group);
                self.names(name);
                self.macro_body(body, operator.span);
            }
            Kind::Fork(branches) => self.fork(range, branches),
            Kind::Facet { by, with } => {
                self.exprs(by);
                self.facet_operators(with);
            }
            _ => self.special_operator(operator, range),
        }
    }

    fn special_operator(&mut self, operator: &Operator, range: Range) {
        match &operator.kind {
            Kind::Evaluate(args) => self.evaluate(args),
            Kind::Find { params, tables, predicate, project, project_away } => {
                self.params(params);
                self.exprs(tables);
                self.expr(predicate);
                let columns = project.as_deref().unwrap_or_default();
                self.find_clauses(range, predicate, columns, project_away);
            }
            Kind::Search { params, tables, predicate } => {
                self.params(params);
                self.exprs(tables);
                self.expr(predicate);
            }
            Kind::Invoke(function) => self.expr(function),
            Kind::MakeSeries { params, aggregates, axis, by } => {
                self.params(params);
                self.make_series(range, aggregates, axis, by);
            }
            Kind::Parse { params, source, pattern, .. } => {
                self.params(params);
                self.expr(source);
                for part in pattern {
                    if let ParsePart::Column(column) = part {
                        self.name(&column.name);
                    }
                }
            }
            Kind::ParseKv { params, source, columns, properties } => {
                self.params(params);
                self.expr(source);
                self.columns(columns);
                self.params(properties);
            }
            Kind::Reduce { params, by, with } => {
                self.params(params);
                self.named([by.as_ref()]);
                self.params(with);
            }
            Kind::Render { properties, .. } => self.render_properties(properties),
            Kind::SampleDistinct { params, count, of } => {
                self.params(params);
                self.exprs([count.as_ref(), of.as_ref()]);
            }
            Kind::Scan { params, order_by, partition_by, declare, steps } => {
                self.params(params);
                self.order_keys(order_by);
                self.exprs(partition_by);
                self.columns(declare);
                self.scan_steps(steps);
            }
            Kind::TopHitters { params, count, of, by } => {
                self.params(params);
                self.exprs([count.as_ref(), of.as_ref()]);
                self.exprs(by.as_deref());
            }
            Kind::TopNested(levels) => self.top_nested(range, levels),
            Kind::Other { args, .. } => {
                self.exprs(args);
                self.keep_parens(operator.span);
            }
            _ => self.graph_operator(&operator.kind, range),
        }
    }

    fn named_list(&mut self, range: Range, params: &[Param], list: &[NamedExpr]) {
        self.params(params);
        self.named(list);
        self.group(range);
        self.items(list.iter().map(|item| item.span), range.1);
    }

    fn expr_list(&mut self, range: Range, params: &[Param], list: &[Expr]) {
        self.params(params);
        self.exprs(list);
        self.group(range);
        self.items(list.iter().map(|item| item.span), range.1);
    }

    fn key_list(&mut self, range: Range, params: &[Param], list: &[OrderKey]) {
        self.params(params);
        self.order_keys(list);
        self.group(range);
        self.items(list.iter().map(|key| key.expr.span), range.1);
    }

    fn on(&mut self, clause: &Clause) {
        self.exprs(&clause.conditions);
        self.hanging_items(clause.conditions.iter().map(|condition| condition.span));
    }

    /// Lays out a list whose first item stays beside the word or sign before it.
    fn hanging_items(&mut self, spans: impl Iterator<Item = Span> + Clone) {
        let whole = spans.clone().reduce(Span::to).and_then(|span| self.tokens_of(span));
        if let Some((first, last)) = whole {
            self.group((first, last));
            self.items(spans, last);
            self.gap(first, Gap::Space);
        }
    }

    fn evaluate(&mut self, args: &EvaluateArgs) {
        self.params(&args.params);
        self.call(&args.call);
        if let Some(schema) = &args.schema {
            self.columns(schema);
            if let Some(colon) = self.after(args.call.span) {
                self.gap(colon, Gap::Space);
            }
        }
    }

    fn render_properties(&mut self, properties: &[RenderProperty]) {
        for property in properties {
            self.tight_equal(property.name.span);
            self.exprs(&property.values);
        }
    }

    fn scan_steps(&mut self, steps: &[ScanStep]) {
        for step in steps {
            self.name(&step.name);
            self.params(&step.params);
            self.expr(&step.predicate);
            self.named(&step.assignments);
            self.hanging_items(step.assignments.iter().map(|assigned| assigned.span));
        }
    }
}
