//! The plugins of user analytics: who was there, in windows of time.
//!
//! Windows begin at the start of the analysis and are as long as its step. Sources, each measured on the
//! documentation's example: <https://learn.microsoft.com/kusto/query/active-users-count-plugin> (a user is
//! seen in the look-back if that is later than its length before),
//! <https://learn.microsoft.com/kusto/query/activity-counts-metrics-plugin>,
//! <https://learn.microsoft.com/kusto/query/sliding-window-counts-plugin> (a window ends with its step and
//! is as long as the look-back), <https://learn.microsoft.com/kusto/query/session-count-plugin> (a session
//! ends when the look-back has passed), <https://learn.microsoft.com/kusto/query/activity-metrics-plugin>
//! (the first window has a retention of 1), and, by its documented answer,
//! <https://learn.microsoft.com/kusto/query/new-activity-metrics-plugin> (of nobody, the rates are NaN).
//! Inferred: that rows before the start count where a window reaches back to them, and that windows without
//! a row are left out but in `new_activity_metrics`.

use kql_syntax::ast::ExprKind;
use kql_types::KqlType;

use super::{super::parts::item::unparenthesised, PluginCall, in_kql::Named};
use crate::{
    binder::{Binder, Row, Scope},
    functions::Function,
    tree::{Expr, Relation},
};

/// A plugin: its constants from the third argument on, and its text. `{d}` stands for the dimensions after
/// a comma, `{d_asc}` for them as keys of an order, `{same}` for whether they are those of the row before.
struct Activity {
    name: &'static str,
    constants: &'static [&'static str],
    text: &'static str,
}

const ACTIVITIES: &[Activity] = &[
    Activity {
        name: "active_users_count",
        constants: &["start", "end", "back", "period", "least", "step"],
        text: "let P = T | where t > start - back and t <= end
| extend p = bin_at(t, period, start) | distinct id, p{d};
P | where p >= start
| join kind=inner (P | project id{d}, q = p) on id{d}
| where q > p - back and q <= p
| summarize n = dcount(q) by id, p{d}
| where n >= least
| summarize n = dcount(id) by w = bin_at(p, step, start){d}
| project w{d}, n",
    },
    Activity {
        name: "activity_counts_metrics",
        constants: &["start", "end", "step"],
        text: "let B = T | where t >= start and t <= end | extend w = bin_at(t, step, start);
B | summarize n = count(), u = dcount(id) by w{d}
| join kind=leftouter (B | summarize w = min(w) by id{d} | summarize f = count() by w{d}) on w{d}
| project w{d}, n, u, f = coalesce(f, 0)
| sort by {d_asc}w asc
| extend a = row_cumsum(f, not({same}))
| project w{d}, n, u, f, a",
    },
    Activity {
        name: "sliding_window_counts",
        constants: &["start", "end", "back", "step"],
        text: "T | where t <= end
| extend k = range(0, tolong(ceiling((back * 1.0) / (step * 1.0))), 1)
| mv-expand k to typeof(long)
| extend w = bin_at(t, step, start) + k * step
| where w >= start and w <= end and t >= w + step - back
| summarize n = count(), u = dcount(id) by w{d}
| project w{d}, n, u",
    },
    Activity {
        name: "activity_engagement",
        constants: &["start", "end", "step", "back"],
        text: "T | where t >= start and t <= end
| summarize i = dcount(id) by w = bin_at(t, step, start){d}
| join kind=inner (
    T | where t <= end
    | extend k = range(0, tolong(ceiling((back * 1.0) / (step * 1.0))), 1)
    | mv-expand k to typeof(long)
    | extend w = bin_at(t, step, start) + k * step
    | where w >= start and w <= end and t >= w + step - back
    | summarize o = dcount(id) by w{d}
) on w{d}
| project w{d}, i, o, r = i * 1.0 / o",
    },
    Activity {
        name: "activity_metrics",
        constants: &["start", "end", "step"],
        text: "let B = T | where t >= start and t <= end | extend w = bin_at(t, step, start)
| distinct id, w{d};
let C = B | summarize n = count() by w{d};
C | join kind=leftouter (C | project before = n, w = w + step{d}) on w{d}
| join kind=leftouter (
    B | join kind=inner (B | extend w = w + step) on id, w{d} | summarize k = count() by w{d}
) on w{d}
| project w{d}, n, k = coalesce(k, 0), before
| extend r = iff(isnull(before), 1.0, k * 1.0 / before)
| project w{d}, n, f = n - k, r, c = 1.0 - r",
    },
    Activity {
        name: "session_count",
        constants: &["start", "end", "step", "back"],
        text: "T | where t <= end
| sort by {d_asc}id asc, t asc
| extend p = prev(t), is_same = row_number() > 1 and id == prev(id) and {same}
| where (not(is_same) or t - p >= back) and t >= start
| summarize n = count() by w = bin(t, step){d}
| project w{d}, n",
    },
    Activity {
        name: "new_activity_metrics",
        constants: &["start", "end", "step"],
        text: "let B = T | where t >= start and t <= end | extend w = bin_at(t, step, start)
| distinct id, w{d};
let F = B | summarize f = min(w) by id{d};
let S = F | summarize s = count() by f{d};
let R = F | join kind=inner B on id{d} | summarize k = count() by f, w{d};
let W = range w from start to end step step;
let P = W | extend one = 1
| join kind=inner (W | project f = w, one = 1) on one
| where f <= w
| join kind=inner (B | distinct one = 1{d}) on one
| project f, w{d};
P | join kind=leftouter S on f{d}
| project f, w{d}, s = coalesce(s, 0)
| join kind=leftouter R on f, w{d}
| project f, w{d}, s, k = coalesce(k, 0)
| join kind=leftouter (R | project g = f, w, n = k{d}) on w{d}
| summarize n = sumif(n, g > f) by f, w, s, k{d}
| extend n = iff(f == w, s, n), r = k * 1.0 / s
| project f, w, n, k, c = s - k, r, q = (s - k) * 1.0 / s{d}",
    },
];

impl Binder<'_> {
    /// Makes the relation of a plugin of this kind.
    pub(super) fn run_activity(
        &mut self,
        plugin: &Function,
        rows: &Relation,
        call: &PluginCall<'_>,
    ) -> Option<Relation> {
        let activity = ACTIVITIES.iter().find(|it| it.name == plugin.name)?;
        let args = &call.args.call.args;
        let is_plain = args.iter().all(|argument| argument.name.is_none());
        let first_dimension = activity.constants.len().saturating_add(2);
        if !is_plain || args.len() < first_dimension || call.lookup.is_some() {
            return None;
        }
        let row = Row::of(rows);
        let mut bound = Vec::with_capacity(args.len());
        for argument in args {
            bound.push(self.bind_scalar(&argument.value, Scope::over(&row))?);
        }
        let is_time = |ty| matches!(ty, KqlType::Datetime | KqlType::Long | KqlType::Real);
        if !is_time(bound.get(1)?.ty) {
            return None;
        }
        let mut cohort = None;
        if activity.name == "new_activity_metrics" {
            // A cohort is a constant; a string that names a window is refused by its type.
            let is_column = |at: usize| {
                args.get(at)
                    .is_some_and(|it| matches!(unparenthesised(&it.value).kind, ExprKind::Name(_)))
                    && bound.get(at).is_some_and(reads_columns)
            };
            if args.len() > first_dimension && !is_column(first_dimension) {
                cohort = Some(bound.remove(first_dimension));
            }
        }
        let constants = bound.iter().skip(2).take(activity.constants.len());
        if constants.clone().any(reads_columns) {
            return None;
        }
        let dimensions = bound.iter().skip(first_dimension);
        if !dimensions.clone().all(reads_columns) {
            return None;
        }
        let values: Vec<(String, Expr)> = activity
            .constants
            .iter()
            .map(|name| (*name).to_owned())
            .zip(constants.cloned())
            .chain(cohort.clone().map(|value| ("cohort".to_owned(), value)))
            .collect();
        let names: Vec<String> = (0..dimensions.len()).map(|at| format!("d{at}")).collect();
        let columns = ["id".to_owned(), "t".to_owned()].into_iter().chain(names.iter().cloned());
        let with_dimensions = bound.iter().take(2).chain(dimensions).cloned();
        let columns = columns.zip(with_dimensions).collect();
        let rows_of_text = self.rows_of_values(rows.clone(), columns, call.span)?;
        let mut text = in_text(activity.text, &names);
        if cohort.is_some() {
            text.push_str("\n| where f == cohort");
        }
        let result = self.activity_schema(plugin, call.args, rows)?;
        let named = Named { rows: vec![("T".to_owned(), rows_of_text)], values };
        self.bind_in_kql(&text, named, result, call.span)
    }
}

/// Puts dimensions into a text.
fn in_text(text: &str, names: &[String]) -> String {
    let each =
        |form: &dyn Fn(&String) -> String| names.iter().map(form).collect::<Vec<_>>().concat();
    let after_comma = each(&|name| format!(", {name}"));
    let sorted = each(&|name| format!("{name} asc, "));
    let same = each(&|name| format!(" and {name} == prev({name})"));
    text.replace("{d_asc}", &sorted)
        .replace("{d}", &after_comma)
        .replace("{same}", &format!("(true{same})"))
}

fn reads_columns(expr: &Expr) -> bool {
    let mut reads = false;
    expr.for_each_column_read(&mut |_| reads = true);
    reads
}
