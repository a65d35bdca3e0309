//! Graph operators: patterns are drawings, which keep their shape.

use crate::{
    ast::{Expr, GraphPattern, NamedExpr, OperatorKind, Param},
    format::{
        gap::Gap,
        layout::{Layout, Range},
    },
    lexer::TokenKind,
};

impl Layout<'_, '_> {
    /// Lays out an operator on graphs.
    pub(super) fn graph_operator(&mut self, kind: &OperatorKind, range: Range) {
        match kind {
            OperatorKind::GraphMatch { params, patterns, predicate, project, .. } => {
                self.params(params);
                self.graph_match(range, params, patterns, predicate.as_deref(), project);
            }
            OperatorKind::GraphWhere { predicate, .. } => self.expr(predicate),
            OperatorKind::GraphToTable { outputs } => {
                for (_, name, params) in outputs {
                    self.names(name);
                    self.params(params);
                }
            }
            OperatorKind::MakeGraph {
                source,
                target,
                params,
                nodes,
                node_id,
                partitioned_by,
                ..
            } => {
                self.params(params);
                self.exprs([source.as_ref(), target.as_ref()]);
                self.arrow(source, target);
                for (table, ids) in nodes {
                    self.expr(table);
                    self.exprs(ids);
                }
                if let Some(name) = node_id {
                    self.name(name);
                    let equal = self.keyword_before(Some(name.span));
                    if let Some(equal) = equal {
                        self.gap(equal, Gap::None);
                        self.gap(equal.saturating_add(1), Gap::None);
                    }
                }
                if let Some((by, body)) = partitioned_by {
                    self.expr(by);
                    self.before_body(body);
                }
            }
            _ => {}
        }
    }

    /// Puts `-->` together and spaces around it.
    fn arrow(&mut self, source: &Expr, target: &Expr) {
        let (Some(start), Some(end)) = (self.after(source.span), self.first_of(target.span)) else {
            return;
        };
        for at in start.saturating_add(1)..end {
            self.gap(at, Gap::None);
        }
        self.gap(start, Gap::Space);
        self.gap(end, Gap::Space);
    }

    fn graph_match(
        &mut self,
        range: Range,
        params: &[Param],
        patterns: &[GraphPattern],
        predicate: Option<&Expr>,
        project: &[NamedExpr],
    ) {
        let last_param = params.last().and_then(|param| self.after(param.value.span));
        let start = last_param.unwrap_or_else(|| range.0.saturating_add(1));
        let where_ = self.keyword_before(predicate.map(|predicate| predicate.span));
        let project_ = self.keyword_before(project.first().map(|column| column.span));
        let past = range.1.saturating_add(1);
        self.drawing(start, where_.or(project_).unwrap_or(past));
        for edge in patterns.iter().flat_map(|pattern| &pattern.edges) {
            if let Some((least, most)) = &edge.hops {
                self.exprs([least, most]);
            }
        }
        self.group(range);
        self.exprs(predicate);
        self.named(project);
        if let Some(first) = where_.or(project_) {
            self.nest((first, range.1));
        }
        for clause in where_.into_iter().chain(project_) {
            self.gap(clause, Gap::Line);
        }
        if let Some(keyword) = project_ {
            self.group((keyword, range.1));
            self.items(project.iter().map(|column| column.span), range.1);
        }
    }

    /// Keeps patterns as close as they are drawn.
    fn drawing(&mut self, start: usize, past: usize) {
        for at in start..past {
            self.tighten(at);
            let gap = match self.source.kind_before(at) {
                TokenKind::Comma => Gap::Space,
                _ if at == start => Gap::Space,
                _ => Gap::Keep,
            };
            self.gap(at, gap);
        }
    }
}
