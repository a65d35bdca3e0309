//! `graph-shortest-paths`: of all ways through a pattern from one node to another, the shortest.
//!
//! The ways are those of `graph-match` in which no node comes twice; a shortest way has none. Of ways of one
//! length, `any` takes one of them and `all` takes each.
//!
//! Source: <https://learn.microsoft.com/kusto/query/graph-shortest-paths-operator>

use kql_syntax::{
    Span,
    ast::{BinaryOp, OperatorKind},
};
use kql_types::KqlType;

use super::{
    super::{
        parameter,
        parts::{
            build::{binary, call, filtered, long, numbered, select_renamed},
            window::windowed,
        },
        word,
    },
    walk::Cycles,
};
use crate::{
    binder::{Binder, column_expr},
    conversion::convert,
    tree::{Column, Graph, Relation, RelationKind, WindowFunction},
};

impl Binder<'_> {
    /// Binds the operator; `None` if it does not run.
    pub(super) fn bind_shortest_paths(
        &mut self,
        graph: &Graph,
        operator: &OperatorKind,
        span: Span,
    ) -> Option<Relation> {
        let OperatorKind::GraphMatch { params, patterns, .. } = operator else { return None };
        let takes_all = match parameter(params, "output").map(word) {
            None | Some(Some("any")) => false,
            Some(Some("all")) => true,
            Some(_) => return None,
        };
        if params.len() > 1 || patterns.len() != 1 {
            return None;
        }
        let lengths = self.ways_of(patterns)?;
        let known = self.diagnostics.len();
        let mut ways = Vec::with_capacity(lengths.len());
        for lengths in lengths {
            // What is wrong is wrong in every way.
            self.diagnostics.truncate(known);
            let (way, ends) =
                self.bind_way(graph, operator, Cycles::None, patterns, &lengths, span)?;
            let hops = lengths
                .iter()
                .try_fold(0_i64, |sum, hops| sum.checked_add(i64::try_from(*hops).ok()?))?;
            ways.push(self.with_ends(way, &ends, hops, span)?);
        }
        let all = self.both(ways, span);
        let shown = all.columns.len().checked_sub(2)?;
        let shown: Vec<Column> = all.columns.iter().take(shown).cloned().collect();
        let mut hidden = all.columns.iter().skip(shown.len()).cloned();
        let (key, hops) = (hidden.next()?, hidden.next()?);
        let partition = vec![column_expr(&key, span)];
        let least = self.hidden_column("least", KqlType::Long);
        let function = WindowFunction {
            function: "min",
            args: vec![column_expr(&hops, span)],
            output: least.clone(),
            span,
        };
        let all = windowed(all, partition.clone(), vec![function]);
        let is_shortest = binary(
            BinaryOp::Equal,
            column_expr(&hops, span),
            column_expr(&least, span),
            KqlType::Bool,
        );
        let mut shortest = filtered(all, is_shortest, span);
        if !takes_all {
            let number = self.hidden_column("number", KqlType::Long);
            let function = WindowFunction {
                function: "row_number",
                args: vec![long(1, span)],
                output: number.clone(),
                span,
            };
            shortest = windowed(shortest, partition, vec![function]);
            let is_first =
                binary(BinaryOp::Equal, column_expr(&number, span), long(1, span), KqlType::Bool);
            shortest = filtered(shortest, is_first, span);
        }
        Some(select_renamed(shortest, shown, span))
    }

    /// Adds a text of the ids of the first and the last node, and the number of hops.
    fn with_ends(
        &mut self,
        way: Relation,
        ends: &(Column, Column),
        hops: i64,
        span: Span,
    ) -> Option<Relation> {
        let columns = way.columns;
        let RelationKind::Project { input, mut exprs } = way.kind else { return None };
        // One key for both: a window by several columns fails where a condition makes one of them constant.
        let pair = [&ends.0, &ends.1].map(|end| convert(column_expr(end, span), KqlType::String));
        let pair = call("pack_array", pair.to_vec(), KqlType::Dynamic, span);
        let made = [
            (self.hidden_column("ends", KqlType::String), convert(pair, KqlType::String)),
            (self.hidden_column("hops", KqlType::Long), long(hops, span)),
        ];
        let mut all = columns;
        for (column, value) in made {
            all.push(column);
            exprs.push(value);
        }
        let kind = RelationKind::Project { input, exprs };
        Some(Relation { kind, columns: numbered(all), span })
    }
}
