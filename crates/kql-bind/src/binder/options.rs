//! `set` statements: the one place that decides what an option means.
//!
//! An option is honoured, or it cannot change an answer, or it is refused: none is passed over.
//!
//! Source: <https://learn.microsoft.com/kusto/api/rest/request-properties>; that `query_now` pins the
//! time, that `maxoutputcolumns` is an error and that a schema takes the place of the rows is measured.

use kql_syntax::{
    Span,
    ast::{self, Statement, StatementKind},
};
use kql_types::{KqlType, Value, datetime};

use super::{Binder, Scope, did_you_mean, literal, opaque};
use crate::{
    codes,
    tree::{Expr, ExprKind, Relation, RelationKind},
};

/// What an option does to a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// The time that `now()` yields.
    Now,
    /// How many rows the result has at most.
    MaxRecords,
    /// How many columns the result may have.
    MaxColumns,
    /// The result's columns take the place of its rows.
    GetSchema,
    /// It does not change an answer, for this reason.
    NoEffect(&'static str),
    /// It changes an answer, or whether there is one, unless it has one of these values.
    Refused(&'static [&'static str]),
}

use Meaning::{GetSchema, MaxColumns, MaxRecords, NoEffect, Now, Refused};

const COST: &str = "says what the service may spend, not what the answer is";
const PLAN: &str = "a hint for the service's plans";
const TRANSPORT: &str = "says how the service sends rows";
const LOG: &str = "for the service's log";
const CACHE: &str = "nothing is cached between queries";
const ONE_COPY: &str = "there is one copy of the data";
const READS: &str = "queries only read";
const NEVER_RUNS: &str = "what it forbids never runs";

/// What can be left out or switched off without a change.
const OFF: &[&str] = &["false", "0"];

/// All documented options, by name.
const OPTIONS: &[(&str, Meaning)] = &[
    ("best_effort", Refused(OFF)),
    ("client_max_redirect_count", NoEffect(TRANSPORT)),
    ("client_results_reader_allow_varying_row_widths", NoEffect(TRANSPORT)),
    ("deferpartialqueryfailures", NoEffect(TRANSPORT)),
    ("materialized_view_shuffle_query", NoEffect(PLAN)),
    ("max_memory_consumption_per_query_per_node", NoEffect(COST)),
    ("maxmemoryconsumptionperiterator", NoEffect(COST)),
    ("maxoutputcolumns", MaxColumns),
    ("norequesttimeout", NoEffect(COST)),
    ("notruncation", NoEffect("results are never cut")),
    ("push_selection_through_aggregation", NoEffect(PLAN)),
    ("query_bin_auto_at", Refused(&[])),
    ("query_bin_auto_size", Refused(&[])),
    ("query_cursor_after_default", Refused(&[])),
    ("query_cursor_before_or_at_default", Refused(&[])),
    ("query_cursor_current", Refused(&[])),
    ("query_cursor_disabled", NoEffect(NEVER_RUNS)),
    ("query_cursor_scoped_tables", Refused(&[])),
    ("query_datascope", Refused(&["default", "all"])),
    ("query_datetimescope_column", Refused(&[])),
    ("query_datetimescope_from", Refused(&[])),
    ("query_datetimescope_to", Refused(&[])),
    ("query_distribution_nodes_span", NoEffect(PLAN)),
    ("query_fanout_nodes_percent", NoEffect(COST)),
    ("query_fanout_threads_percent", NoEffect(COST)),
    ("query_force_row_level_security", Refused(OFF)),
    ("query_language", Refused(&["kql", "csl"])),
    ("query_log_query_parameters", NoEffect(LOG)),
    ("query_max_entities_in_union", Refused(&[])),
    ("query_now", Now),
    ("query_optimize_fts_at_relop", NoEffect(PLAN)),
    ("query_python_debug", Refused(OFF)),
    ("query_results_apply_getschema", GetSchema),
    ("query_results_cache_force_refresh", NoEffect(CACHE)),
    ("query_results_cache_max_age", NoEffect(CACHE)),
    ("query_results_cache_per_shard", NoEffect(CACHE)),
    ("query_results_progressive_row_count", NoEffect(TRANSPORT)),
    ("query_results_progressive_update_period", NoEffect(TRANSPORT)),
    ("query_take_max_records", MaxRecords),
    ("query_weakconsistency_session_id", NoEffect(ONE_COPY)),
    ("queryconsistency", NoEffect(ONE_COPY)),
    ("request_app_name", NoEffect(LOG)),
    ("request_block_row_level_security", Refused(OFF)),
    ("request_callout_disabled", NoEffect(NEVER_RUNS)),
    ("request_description", NoEffect(LOG)),
    ("request_external_data_disabled", Refused(OFF)),
    ("request_external_table_disabled", Refused(OFF)),
    ("request_impersonation_disabled", Refused(OFF)),
    ("request_readonly", NoEffect(READS)),
    ("request_readonly_hardline", NoEffect(READS)),
    ("request_remote_entities_disabled", Refused(OFF)),
    ("request_sandboxed_execution_disabled", NoEffect(NEVER_RUNS)),
    ("request_user", NoEffect(LOG)),
    ("results_error_reporting_placement", NoEffect(TRANSPORT)),
    ("results_progressive_enabled", NoEffect(TRANSPORT)),
    ("results_v2_fragment_primary_tables", NoEffect(TRANSPORT)),
    ("results_v2_newlines_between_frames", NoEffect(TRANSPORT)),
    ("servertimeout", NoEffect(COST)),
    ("truncationmaxrecords", Refused(&[])),
    ("truncationmaxsize", Refused(&[])),
    ("validatepermissions", Refused(OFF)),
];

/// What the options of a query ask for.
#[derive(Default)]
pub(crate) struct Options {
    /// The time that `now()` yields, in ticks.
    now: Option<i64>,
    max_records: Option<i64>,
    max_columns: Option<(i64, Span)>,
    gets_schema: bool,
    /// Options that are refused, each as a relation that says so.
    refused: Vec<Relation>,
}

impl Binder<'_> {
    /// Reads the `set` statements among these, wherever they stand.
    pub(crate) fn read_options(&mut self, statements: &[Statement]) {
        for statement in statements {
            if let StatementKind::Set { name, value } = &statement.kind {
                self.read_option(name, value.as_ref(), statement.span);
            }
        }
    }

    fn read_option(&mut self, name: &ast::Name, value: Option<&ast::Expr>, span: Span) {
        let (value, value_span) = match value {
            None => (Value::Bool(Some(true)), name.span),
            Some(expr) => match self.bind_scalar(expr, Scope::default()) {
                Some(Expr { kind: ExprKind::Literal(value), .. }) => (value, expr.span),
                Some(other) => {
                    self.error(codes::NOT_CONSTANT, other.span, "expected a constant");
                    return;
                }
                None => return,
            },
        };
        let known = OPTIONS.iter().find(|(known, _)| known.eq_ignore_ascii_case(&name.text));
        let Some((_, meaning)) = known else {
            let help = did_you_mean(&name.text, OPTIONS.iter().map(|(known, _)| *known));
            let message = format!("`set` with an unknown option `{}`", name.text);
            self.warning_with_help(codes::UNKNOWN_OPTION, name.span, message, help);
            self.refuse_option(span);
            return;
        };
        let number = whole_number(&value);
        match (meaning, number) {
            (Now, _) => match time(&value) {
                Some(now) => self.options.now = Some(now),
                None => self.wrong_option(name, "a datetime", value_span),
            },
            (MaxRecords, Some(most)) => self.options.max_records = Some(most),
            (MaxColumns, Some(most)) => self.options.max_columns = Some((most, name.span)),
            (MaxRecords | MaxColumns, None) => {
                self.wrong_option(name, "a number from 0 on", value_span);
            }
            (GetSchema, _) => self.options.gets_schema = !OFF.contains(&&*text(&value)),
            (NoEffect(_), _) => {}
            (Refused(harmless), _) if harmless.contains(&&*text(&value)) => {}
            (Refused(_), _) => self.refuse_option(span),
        }
    }

    fn refuse_option(&mut self, span: Span) {
        let refused = opaque("set with this option", Vec::new(), Vec::new(), true, span);
        self.options.refused.push(refused);
    }

    fn wrong_option(&mut self, name: &ast::Name, expected: &str, span: Span) {
        let message = format!("`{}` needs {expected}", name.text);
        self.error(codes::UNKNOWN_ARGUMENT_VALUE, span, message);
    }

    /// Returns the query's time: what an option says, or what it is when the query runs.
    pub(crate) fn now(&self, span: Span) -> Expr {
        match self.options.now {
            Some(now) => literal(Value::Datetime(Some(now)), span),
            None => Expr { kind: ExprKind::Now, ty: KqlType::Datetime, span },
        }
    }

    /// Applies the options to a result.
    pub(crate) fn with_options(&mut self, result: Relation) -> Relation {
        let span = result.span;
        if let Some((most, place)) = self.options.max_columns
            && usize::try_from(most).is_ok_and(|most| result.columns.len() > most)
        {
            let count = result.columns.len();
            let message = format!("the result has {count} columns, the option allows {most}");
            self.error(codes::TOO_MANY_COLUMNS, place, message);
        }
        let mut result = result;
        if let Some(most) = self.options.max_records {
            let count = Box::new(literal(Value::Long(Some(most)), span));
            let columns = result.columns.clone();
            let kind = RelationKind::Take { input: Box::new(result), count };
            result = Relation { kind, columns, span };
        }
        if self.options.gets_schema {
            result = self.bind_getschema(&result, &[], span);
        }
        if self.options.refused.is_empty() {
            return result;
        }
        let columns = result.columns.clone();
        let inputs = self.options.refused.iter().cloned().chain([result]).collect();
        opaque("set with this option", inputs, columns, false, span)
    }
}

/// Returns an option's value as text, in lower case.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_lowercase(),
        Value::Bool(Some(value)) => value.to_string(),
        Value::Int(Some(value)) => value.to_string(),
        Value::Long(Some(value)) => value.to_string(),
        _ => String::new(),
    }
}

fn whole_number(value: &Value) -> Option<i64> {
    text(value).parse().ok().filter(|number| *number >= 0)
}

fn time(value: &Value) -> Option<i64> {
    match value {
        Value::Datetime(time) => *time,
        Value::String(text) => datetime::parse(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::OPTIONS;

    #[test]
    fn options_are_listed_in_order_and_once() {
        assert!(OPTIONS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
