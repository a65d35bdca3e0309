//! `evaluate`: plugins, and their schemas where the input decides them.

use std::sync::Arc;

use kql_syntax::{
    Span,
    ast::{self, EvaluateArgs, ExprKind},
};
use kql_types::KqlType::{self, Datetime, Dynamic, Int, Long, Real, String, Timespan};

use super::{
    parts::item::{name_of, unparenthesised},
    plugins::{PluginCall, pivoted},
    tables::join::side_by_side,
};
use crate::{
    binder::{Binder, Bound, Row, Scope, Wanted, broken_after, did_you_mean, opaque},
    codes,
    functions::{self, Form, Function, Overload},
    scalar::result_name,
    tree::{Column, Relation},
};

/// Columns that a plugin makes.
type Made = &'static [(&'static str, KqlType)];

const SEGMENTS: Made = &[("SegmentId", Long), ("Count", Long), ("Percent", Real)];
const PATTERNS: Made = &[
    ("SegmentId", Long),
    ("CountA", Long),
    ("CountB", Long),
    ("PercentA", Real),
    ("PercentB", Real),
    ("PercentDiffAB", Real),
];

/// What becomes of a plugin's input.
enum Schema {
    /// The columns, in order.
    Known(Vec<Column>),
    /// The columns, and others that depend on data.
    Open(Vec<Column>),
}

impl Binder<'_> {
    /// Binds a plugin's call.
    pub(super) fn bind_evaluate(
        &mut self,
        rows: Relation,
        args: &EvaluateArgs,
        span: Span,
    ) -> Relation {
        let name = &args.call.name;
        let Some(plugin) = functions::plugin(&name.text) else {
            let known = functions::plugins().map(|it| it.name);
            let help = did_you_mean(&name.text, known);
            let message = format!("unknown plugin `{}`", name.text);
            self.error_with_help(codes::UNKNOWN_PLUGIN, name.span, message, help);
            return broken_after(rows, span);
        };
        self.check_argument_count(plugin, args);
        let lookup = self.bind_plugin_arguments(plugin, args, &rows);
        if let Some(run) = self.bind_running(plugin, args, &rows, lookup.clone(), span) {
            return run;
        }
        let schema = match &args.schema {
            Some(declared) => {
                let mut columns = Vec::new();
                if args.schema_keeps_input {
                    columns = kept_columns(plugin, args, &rows);
                }
                for column in self.declared_columns(declared) {
                    super::shape::mv_expand::place(&mut columns, column);
                }
                Schema::Known(columns)
            }
            None => self.plugin_schema(plugin, args, &rows, lookup.as_ref()),
        };
        let (columns, depends) = match schema {
            Schema::Known(columns) => (columns, false),
            Schema::Open(columns) => (columns, true),
        };
        let is_open = depends || (rows.has_open_schema() && args.schema.is_none());
        opaque(plugin.canonical, vec![rows], columns, is_open, span)
    }

    fn check_argument_count(&mut self, plugin: &Function, args: &EvaluateArgs) {
        let least = plugin.overloads.iter().map(least_arguments).min().unwrap_or(0);
        if args.call.args.len() < least {
            let message = format!("`{}` takes {least} arguments at least", plugin.name);
            self.error(codes::ARGUMENT_COUNT, args.call.span, message);
        }
    }

    /// Makes the relation of a plugin that runs.
    fn bind_running(
        &mut self,
        plugin: &'static Function,
        args: &EvaluateArgs,
        rows: &Relation,
        lookup: Option<Relation>,
        span: Span,
    ) -> Option<Relation> {
        if rows.has_open_schema() || lookup.as_ref().is_some_and(Relation::has_open_schema) {
            return None;
        }
        let known = self.diagnostics.len();
        let declared = args.schema.as_ref().map(|declared| {
            let mut columns = Vec::new();
            if args.schema_keeps_input {
                columns = kept_columns(plugin, args, rows);
            }
            for column in self.declared_columns(declared) {
                super::shape::mv_expand::place(&mut columns, column);
            }
            columns
        });
        let call = PluginCall { args, lookup, declared, span };
        let run = self.run_plugin(plugin, rows, &call);
        // What is wrong is reported once, by whoever binds the schema.
        let is_sound = self.diagnostics.len() == known;
        self.diagnostics.truncate(known);
        run.filter(|_| is_sound)
    }

    /// Binds the arguments for the errors in them; returns the rows that are the first one.
    fn bind_plugin_arguments(
        &mut self,
        plugin: &'static Function,
        args: &EvaluateArgs,
        rows: &Relation,
    ) -> Option<Relation> {
        let row = Row::of(rows);
        let params = plugin.overloads.first().map_or(&[][..], |it| it.params);
        let mut lookup = None;
        for (at, argument) in args.call.args.iter().enumerate() {
            let form = params.get(at).or(params.last()).map(|it| it.form);
            match (form, &unparenthesised(&argument.value).kind) {
                (Some(Form::Aggregate | Form::ColumnOfTable), _) => {}
                (_, ExprKind::Wildcard(_)) => {}
                (_, ExprKind::TypeOf(_)) => {}
                (_, ExprKind::Call(call)) if functions::aggregate(&call.name.text).is_some() => {}
                _ if lookup.is_some() && row.get(name_of(&argument.value)).is_none() => {}
                _ => {
                    let bound = self.bind_any(&argument.value, Scope::over(&row), Wanted::Scalar);
                    if let Bound::Rows(rows) = bound {
                        lookup = Some(rows);
                    }
                }
            }
        }
        lookup
    }

    fn plugin_schema(
        &mut self,
        plugin: &Function,
        args: &EvaluateArgs,
        rows: &Relation,
        lookup: Option<&Relation>,
    ) -> Schema {
        let input = || rows.columns.clone();
        Schema::Known(match plugin.name {
            "bag_unpack" => return Schema::Open(kept_columns(plugin, args, rows)),
            "pivot" => return Schema::Open(pivoted(args, rows)),
            "autocluster" | "basket" => self.made_before(SEGMENTS, rows),
            "diffpatterns" => self.made_before(PATTERNS, rows),
            "narrow" => self.made(&[("Row", Long), ("Column", String), ("Value", String)]),
            "identity" | "identity_v3" | "rows_near" => input(),
            "ipv4_lookup" | "ipv6_lookup" | "geo_line_lookup" | "geo_polygon_lookup" => {
                let facts = lookup.map_or(&[][..], |it| &it.columns);
                side_by_side(&rows.columns, facts)
            }
            "estimate_rows_count" => self.made(&[("EstimatedRowsCount", Long)]),
            "http_request" | "http_request_post" => {
                self.made(&[("ResponseHeaders", Dynamic), ("ResponseBody", Dynamic)])
            }
            "infer_storage_schema" => self.made(&[("CslSchema", String)]),
            "dcount_intersect" => {
                let mut columns = input();
                for at in 0..args.call.args.len() {
                    columns.push(self.fresh_column(format!("s{at}"), Long));
                }
                columns
            }
            "python" | "r" | "csharp" => self.declared_output(args, rows),
            // Its numbers of columns are long, as measured; those of `getschema` are int.
            "schema_merge" => {
                let columns = input().into_iter().map(|column| match column.ty {
                    Int => self.fresh_column(column.name, Long),
                    _ => column,
                });
                columns.collect()
            }
            _ => match self.activity_schema(plugin, args, rows) {
                Some(columns) => columns,
                None => return Schema::Open(Vec::new()),
            },
        })
    }

    /// Returns the columns that a script's `typeof(…)` declares; `*` stands for the input's.
    fn declared_output(&mut self, args: &EvaluateArgs, rows: &Relation) -> Vec<Column> {
        let Some(ExprKind::TypeOf(declared)) = args.call.args.first().map(|it| &it.value.kind)
        else {
            return Vec::new();
        };
        let mut columns = Vec::new();
        for declaration in declared {
            if declaration.ty.is_none() {
                columns.extend(rows.columns.iter().cloned());
            } else {
                for column in self.declared_columns(std::slice::from_ref(declaration)) {
                    super::shape::mv_expand::place(&mut columns, column);
                }
            }
        }
        columns
    }

    /// Returns the columns of the plugins of user analytics: the time, dimensions, and measures.
    pub(super) fn activity_schema(
        &mut self,
        plugin: &Function,
        args: &EvaluateArgs,
        rows: &Relation,
    ) -> Option<Vec<Column>> {
        let (scalars, measures): (usize, Made) = match plugin.name {
            "active_users_count" => (8, &[("dcount", Long)]),
            "activity_counts_metrics" => (
                5,
                &[
                    ("count", Long),
                    ("dcount", Long),
                    ("new_dcount", Long),
                    ("aggregated_dcount", Long),
                ],
            ),
            "activity_engagement" => (
                if args.call.args.len() <= 4 { 4 } else { 6 },
                &[
                    ("dcount_activities_inner", Long),
                    ("dcount_activities_outer", Long),
                    ("activity_ratio", Real),
                ],
            ),
            "activity_metrics" => (
                5,
                &[
                    ("dcount_values", Long),
                    ("dcount_newvalues", Long),
                    ("retention_rate", Real),
                    ("churn_rate", Real),
                ],
            ),
            "session_count" => (6, &[("count_sessions", Long)]),
            "sliding_window_counts" => (6, &[("Count", Long), ("Dcount", Long)]),
            "funnel_sequence" => {
                (8, &[("prev", String), ("next", String), ("dcount", Long), ("samples", Dynamic)])
            }
            "new_activity_metrics" => return Some(self.new_activity(args, rows)),
            "funnel_sequence_completion" => return Some(self.completion(args, rows)),
            _ => return None,
        };
        let time = args.call.args.get(1)?;
        let mut columns = vec![self.column_like(&time.value, rows)];
        for dimension in args.call.args.iter().skip(scalars) {
            columns.push(self.column_like(&dimension.value, rows));
        }
        columns.extend(self.made(measures));
        Some(columns)
    }

    fn new_activity(&mut self, args: &EvaluateArgs, rows: &Relation) -> Vec<Column> {
        let time = args.call.args.get(1).map_or("", |it| name_of(&it.value));
        let ty = rows.columns.iter().find(|it| &*it.name == time).map_or(Datetime, |it| it.ty);
        let mut columns = vec![
            self.fresh_column(format!("from_{time}"), ty),
            self.fresh_column(format!("to_{time}"), ty),
        ];
        columns.extend(self.made(&[
            ("dcount_new_values", Long),
            ("dcount_retained_values", Long),
            ("dcount_churn_values", Long),
            ("retention_rate", Real),
            ("churn_rate", Real),
        ]));
        columns
    }

    fn completion(&mut self, args: &EvaluateArgs, rows: &Relation) -> Vec<Column> {
        let mut columns = Vec::new();
        for at in [1, 5] {
            if let Some(argument) = args.call.args.get(at) {
                columns.push(self.column_like(&argument.value, rows));
            }
        }
        columns.extend(self.made(&[("Period", Timespan), ("dcount", Long)]));
        columns
    }

    fn made(&mut self, columns: Made) -> Vec<Column> {
        columns.iter().map(|(name, ty)| self.fresh_column(*name, *ty)).collect()
    }

    fn made_before(&mut self, columns: Made, rows: &Relation) -> Vec<Column> {
        let mut columns = self.made(columns);
        columns.extend(rows.columns.iter().cloned());
        columns
    }

    fn column_like(&mut self, expr: &ast::Expr, rows: &Relation) -> Column {
        let row = Row::of(rows);
        let name = result_name(self, expr, Scope::over(&row)).unwrap_or_default();
        match row.get(&name) {
            Some(column) => self.renewed(column),
            None => self.unknown_column(Arc::<str>::from(name)),
        }
    }
}

/// Returns the input's columns, without the one that a plugin takes apart.
fn kept_columns(plugin: &Function, args: &EvaluateArgs, rows: &Relation) -> Vec<Column> {
    let taken = match plugin.name {
        "bag_unpack" => args.call.args.first().map(|it| name_of(&it.value)),
        _ => None,
    };
    rows.columns.iter().filter(|it| Some(&*it.name) != taken).cloned().collect()
}

fn least_arguments(overload: &Overload) -> usize {
    overload.params.iter().map(|param| param.least).fold(0, usize::saturating_add)
}
