//! `geo_polygon_lookup` and `geo_line_lookup`: rows of a table of shapes that a place is in or near.
//!
//! Sources: <https://learn.microsoft.com/kusto/query/geo-polygon-lookup-plugin>,
//! <https://learn.microsoft.com/kusto/query/geo-line-lookup-plugin>: the shape itself is left out unless it
//! is asked for. Every row is tested with every shape.

use kql_syntax::{Span, ast::BinaryOp};
use kql_types::{KqlType, Value};

use super::{
    super::{
        parts::{
            build::{binary, call, filtered, long, numbered, select_renamed},
            window::windowed,
        },
        tables::join::side_by_side,
    },
    PluginCall, named_column,
};
use crate::{
    binder::{Binder, Row, Scope, column_expr, literal},
    conversion::convert,
    tree::{Column, Join, JoinKind, Relation, RelationKind, WindowFunction},
};

impl Binder<'_> {
    pub(super) fn run_geo_lookup(
        &mut self,
        rows: &Relation,
        plugin: &PluginCall<'_>,
        of_polygons: bool,
    ) -> Option<Relation> {
        let span = plugin.span;
        let facts = plugin.lookup.clone()?;
        let shape = named_column(&facts, plugin, 1).filter(|it| it.ty == KqlType::Dynamic)?.clone();
        let row = Row::of(rows);
        let mut place = Vec::with_capacity(2);
        for at in [2, 3] {
            let argument = plugin.args.call.args.get(at)?;
            let degrees = self.bind_scalar(&argument.value, Scope::over(&row))?;
            let is_number = matches!(degrees.ty, KqlType::Int | KqlType::Long | KqlType::Real);
            place.push(is_number.then(|| convert(degrees, KqlType::Real))?);
        }
        let radius = match self.plugin_constant(plugin, 4, "radius") {
            Some(Value::Real(Some(radius))) => Some(radius),
            Some(Value::Long(Some(radius))) => radius.to_string().parse().ok(),
            Some(_) => return None,
            None => None,
        };
        let is_asked = |value| value == Some(Value::Bool(Some(true)));
        let keeps_unmatched = is_asked(self.plugin_constant(plugin, 5, "return_unmatched"));
        let keeps_shape = is_asked(self.plugin_constant(plugin, 7, "return_lookup_key"));
        let mut columns = side_by_side(&rows.columns, &facts.columns);
        if !keeps_shape {
            columns.retain(|column| column.id != shape.id);
        }
        place.push(column_expr(&shape, span));
        let test = match radius {
            None if of_polygons => call("geo_point_in_polygon", place, KqlType::Bool, span),
            None => return None,
            Some(radius) => {
                let function = if of_polygons {
                    "geo_distance_point_to_polygon"
                } else {
                    "geo_distance_point_to_line"
                };
                let distance = call(function, place, KqlType::Real, span);
                let radius = literal(Value::Real(Some(radius)), span);
                binary(BinaryOp::LessOrEqual, distance, radius, KqlType::Bool)
            }
        };
        let number = |output: &Column| WindowFunction {
            function: "row_number",
            args: Vec::new(),
            output: output.clone(),
            span,
        };
        if !keeps_unmatched {
            let matched = filtered(pairs(rows.clone(), facts, span), test, span);
            return Some(select_renamed(matched, columns, span));
        }
        // A row without a shape stays: its number is joined to those that have one.
        let at = self.hidden_column("row_number", KqlType::Long);
        let of_matched = self.hidden_column("row_number", KqlType::Long);
        let left = self.instantiate(rows, span);
        columns = side_by_side(&left.columns, &facts.columns);
        if !keeps_shape {
            columns.retain(|column| column.id != shape.id);
        }
        let left = windowed(left, Vec::new(), vec![number(&at)]);
        let right = windowed(rows.clone(), Vec::new(), vec![number(&of_matched)]);
        let right = filtered(pairs(right, facts, span), test, span);
        let on = vec![(column_expr(&at, span), column_expr(&of_matched, span))];
        let all = left.columns.iter().chain(&right.columns).cloned().collect();
        let join = Join { kind: JoinKind::LeftOuter, left, right, on };
        let joined =
            Relation { kind: RelationKind::Join(Box::new(join)), columns: numbered(all), span };
        Some(select_renamed(joined, columns, span))
    }
}

/// Pairs every row of one side with every row of the other.
fn pairs(left: Relation, right: Relation, span: Span) -> Relation {
    let columns = left.columns.iter().chain(&right.columns).cloned().collect();
    let on = vec![(long(1, span), long(1, span))];
    let join = Join { kind: JoinKind::Inner, left, right, on };
    Relation { kind: RelationKind::Join(Box::new(join)), columns: numbered(columns), span }
}
