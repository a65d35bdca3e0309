//! What expressions over a pattern may ask of an edge of variable length: `all`, `any`, `map`, and
//! `inner_nodes` within them; and of a node: `node_degree_in`, `node_degree_out`.

use kql_syntax::{
    Span,
    ast::{Call, Expr as AstExpr, ExprKind as AstKind, LogicalOp},
};
use kql_types::{KqlType, Value};

use super::super::parts::{
    build::{call, long},
    item::unparenthesised,
};
use crate::{
    binder::{Binder, Bound, Element, Row, Scope, column_expr, literal},
    tree::{Column, Expr, ExprKind},
};

impl Binder<'_> {
    /// Binds a call of a function of graphs over the hops of an edge, or of a node; `None` if it is none.
    pub(crate) fn bind_graph_call(&mut self, called: &Call, scope: Scope<'_>) -> Option<Bound> {
        let row = scope.row.filter(|row| row.has_elements())?;
        if let Some(degree) = degree(row, called) {
            return Some(Bound::Scalar(Some(degree)));
        }
        let [of, body] = called.args.as_slice() else { return None };
        let name = called.name.text.as_str();
        if !matches!(name, "all" | "any" | "map") {
            return None;
        }
        let hops = hops(row, &of.value)?;
        let mut values = Vec::with_capacity(hops.len());
        for hop in hops {
            let hop = Row::new(hop, false).with_elements(row.elements());
            let value = if name == "map" {
                self.bind_scalar(&body.value, Scope::over(&hop))
            } else {
                self.bind_predicate(&body.value, Scope::over(&hop))
            };
            values.push(value);
        }
        let values: Option<Vec<Expr>> = values.into_iter().collect();
        let span = called.span;
        Some(Bound::Scalar(values.map(|values| match name {
            "map" => call("pack_array", values, KqlType::Dynamic, span),
            "all" => connected(LogicalOp::And, values, span),
            _ => connected(LogicalOp::Or, values, span),
        })))
    }

    /// Binds a property of an edge of variable length: the values of its hops, in order.
    pub(crate) fn bind_hops(
        &mut self,
        hops: &[Vec<Column>],
        name: &str,
        span: Span,
    ) -> Option<Expr> {
        let mut values = Vec::with_capacity(hops.len());
        for hop in hops {
            let column = hop.iter().find(|column| *column.name == *name);
            if column.is_none() {
                let row = Row::new(hop, false);
                self.unknown_name(name, span, Scope::over(&row));
            }
            values.push(column_expr(column?, span));
        }
        Some(call("pack_array", values, KqlType::Dynamic, span))
    }
}

/// Returns the number of edges that lead to a node or from it: of no edge, nothing is counted.
fn degree(row: &Row<'_>, called: &Call) -> Option<Expr> {
    let place = match called.name.text.as_str() {
        "node_degree_in" => 0,
        "node_degree_out" => 1,
        _ => return None,
    };
    let [of] = called.args.as_slice() else { return None };
    let AstKind::Name(name) = &unparenthesised(&of.value).kind else { return None };
    let count = row.element(&name.text)?.degrees.as_ref()?.get(place)?;
    let args = vec![column_expr(count, called.span), long(0, called.span)];
    Some(call("coalesce", args, KqlType::Long, called.span))
}

/// Returns the hops, or the nodes between them, that an argument stands for.
fn hops<'r>(row: &Row<'r>, of: &AstExpr) -> Option<&'r [Vec<Column>]> {
    match &unparenthesised(of).kind {
        AstKind::Name(name) => match row.element(&name.text)? {
            Element { hops: Some(hops), .. } => Some(&hops.edges),
            _ => None,
        },
        AstKind::Call(inner) if inner.name.text == "inner_nodes" => {
            let [of] = inner.args.as_slice() else { return None };
            let AstKind::Name(name) = &unparenthesised(&of.value).kind else { return None };
            match row.element(&name.text)? {
                Element { hops: Some(hops), .. } => Some(&hops.nodes),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Connects conditions; of none, all hold and any does not.
fn connected(op: LogicalOp, mut operands: Vec<Expr>, span: Span) -> Expr {
    match (operands.len(), operands.pop()) {
        (_, None) => literal(Value::Bool(Some(op == LogicalOp::And)), span),
        (1, Some(only)) => only,
        (_, Some(last)) => {
            operands.push(last);
            Expr { kind: ExprKind::Logical { op, operands }, ty: KqlType::Bool, span }
        }
    }
}
