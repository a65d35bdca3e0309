//! `render`: nothing of it changes the rows; only the name of the chart is checked.

use kql_syntax::ast::Name;

use crate::{
    binder::{Binder, did_you_mean},
    codes,
};

/// Source: <https://learn.microsoft.com/kusto/query/render-operator>
const CHARTS: [&str; 21] = [
    "3Dchart",
    "anomalychart",
    "areachart",
    "barchart",
    "card",
    "columnchart",
    "graph",
    "ladderchart",
    "linechart",
    "list",
    "piechart",
    "pivotchart",
    "plotly",
    "sankey",
    "scatterchart",
    "stackedareachart",
    "table",
    "timechart",
    "timeline",
    "timepivot",
    "treemap",
];

impl Binder<'_> {
    /// Reports a chart that Kusto does not have.
    pub(super) fn check_chart(&mut self, chart: &Name) {
        let name = chart.text.as_str();
        if name.is_empty() || CHARTS.contains(&name) {
            return;
        }
        let help =
            did_you_mean(name, CHARTS).or_else(|| Some(format!("charts: {}", CHARTS.join(", "))));
        let message = format!("`render` has no chart `{name}`");
        self.error_with_help(codes::UNKNOWN_PARAMETER_VALUE, chart.span, message, help);
    }
}
