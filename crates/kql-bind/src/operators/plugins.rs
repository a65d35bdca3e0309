//! The plugins of `evaluate` that run, one a file: each makes relations of its call, or nothing where
//! its columns depend on data that is not in the query.

mod activity;
mod bag_unpack;
mod dcount_intersect;
mod geo_lookup;
mod in_kql;
mod ip_lookup;
mod narrow;
mod near;
mod pivot;

use kql_syntax::{Span, ast::EvaluateArgs};
use kql_types::{KqlType, Value};

pub(super) use self::pivot::pivoted;
use super::parts::item::unparenthesised;
use crate::{
    binder::{Binder, Scope},
    functions::Function,
    tree::{Column, Expr, ExprKind, Relation, RelationKind},
};

/// A plugin's call.
pub(super) struct PluginCall<'a> {
    /// The arguments, and the schema if it is declared.
    pub(super) args: &'a EvaluateArgs,
    /// The rows that are the first argument.
    pub(super) lookup: Option<Relation>,
    /// The columns of the declared schema, with the input's if it keeps them.
    pub(super) declared: Option<Vec<Column>>,
    /// The call.
    pub(super) span: Span,
}

impl Binder<'_> {
    /// Makes the relation that a plugin stands for, of rows that are wholly known.
    pub(super) fn run_plugin(
        &mut self,
        plugin: &Function,
        rows: &Relation,
        call: &PluginCall<'_>,
    ) -> Option<Relation> {
        let name = plugin.canonical;
        match name {
            "bag_unpack" => self.run_bag_unpack(rows, call),
            "pivot" => self.run_pivot(rows, call),
            "narrow" => Some(self.run_narrow(rows, call.span)),
            "ipv4_lookup" | "ipv6_lookup" => self.run_ip_lookup(rows, call, name == "ipv4_lookup"),
            "identity" => Some(rows.clone()),
            "geo_polygon_lookup" | "geo_line_lookup" => {
                self.run_geo_lookup(rows, call, name == "geo_polygon_lookup")
            }
            "dcount_intersect" => self.run_dcount_intersect(rows, call),
            "rows_near" => self.run_rows_near(rows, call),
            "rolling_percentile" => self.run_rolling_percentile(rows, call),
            _ => self.run_activity(plugin, rows, call),
        }
    }

    /// Binds an argument that is a constant.
    fn plugin_constant(&mut self, call: &PluginCall<'_>, at: usize, name: &str) -> Option<Value> {
        let args = &call.args.call.args;
        let named = args.iter().find(|it| it.name.as_ref().is_some_and(|it| it.text == name));
        let positional = || args.get(at).filter(|it| it.name.is_none());
        let argument = named.or_else(positional)?;
        match self.bind_scalar(&argument.value, Scope::default())?.kind {
            ExprKind::Literal(value) => Some(value),
            _ => None,
        }
    }
}

/// Returns the constant rows that a relation is.
fn constant_rows(rows: &Relation) -> Option<&[Vec<Expr>]> {
    match &rows.kind {
        RelationKind::Values { rows } => Some(rows),
        _ => None,
    }
}

/// Returns the column that an argument names.
fn named_column<'r>(rows: &'r Relation, call: &PluginCall<'_>, at: usize) -> Option<&'r Column> {
    let argument = call.args.call.args.get(at)?;
    match &unparenthesised(&argument.value).kind {
        kql_syntax::ast::ExprKind::Name(name) => {
            rows.columns.iter().find(|column| *column.name == *name.text)
        }
        _ => None,
    }
}

/// Tells whether a type is one that plugins make columns of.
fn is_scalar(ty: KqlType) -> bool {
    !matches!(ty, KqlType::Dynamic | KqlType::Decimal)
}
