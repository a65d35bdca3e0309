//! How results are drawn: what `render` says of them. Clients draw; the rows are the same with and without.
//!
//! Source: <https://learn.microsoft.com/kusto/query/render-operator>.

use kql_syntax::ast::{Expr, ExprKind, Literal, OperatorKind, RenderProperty, StatementKind};

/// How a result is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chart {
    /// The kind: `timechart`.
    pub(crate) kind: String,
    /// The properties by their names in lower case, each with its values.
    pub(crate) properties: Vec<(String, Vec<String>)>,
}

impl Chart {
    /// Returns the values of a property; nothing if it is not said.
    pub(crate) fn get(&self, name: &str) -> Option<&[String]> {
        let mut properties = self.properties.iter();
        properties.find(|(known, _)| known == name).map(|(_, values)| values.as_slice())
    }
}

/// Returns how each result of a query is drawn.
///
/// - `query`: one without mistakes.
pub(crate) fn charts(query: &str) -> Vec<Option<Chart>> {
    let (query, _) = kql_syntax::parse(query);
    let of = |kind: &StatementKind| match kind {
        StatementKind::Expr(expr) => Some(chart(expr)),
        _ => None,
    };
    query.statements.iter().filter_map(|statement| of(&statement.kind)).collect()
}

/// Returns how rows are drawn: `render` stands last.
fn chart(expr: &Expr) -> Option<Chart> {
    match &expr.kind {
        ExprKind::Paren(inner) => chart(inner),
        ExprKind::Pipeline { operators, .. } => match &operators.last()?.kind {
            OperatorKind::Render { chart, properties } => Some(Chart {
                kind: chart.text.to_lowercase(),
                properties: properties.iter().map(property).collect(),
            }),
            _ => None,
        },
        _ => None,
    }
}

fn property(property: &RenderProperty) -> (String, Vec<String>) {
    let values = property.values.iter().filter_map(value).collect();
    (property.name.text.to_lowercase(), values)
}

fn value(expr: &Expr) -> Option<String> {
    Some(match &expr.kind {
        ExprKind::Name(name) => name.text.clone(),
        ExprKind::Literal(Literal::String(text)) => text.clone(),
        ExprKind::Literal(Literal::Long(Some(number))) => number.clone(),
        ExprKind::Literal(Literal::Real(Some(number))) => number.to_string(),
        ExprKind::Literal(Literal::Bool(Some(flag))) => flag.to_string(),
        ExprKind::Literal(Literal::Datetime(Some(time))) => time.clone(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_operator_of_each_statement_says_how_its_rows_are_drawn() {
        let query = "let n = 1; print 1; T | summarize count() by Host \
            | render TimeChart with (title='By host', ycolumns=a, b, ymin=0, kind=stacked, accumulate=true)";
        let drawn = charts(query);
        assert_eq!(drawn.len(), 2);
        assert_eq!(drawn[0], None);
        let chart = drawn[1].as_ref().unwrap();
        assert_eq!(chart.kind, "timechart");
        let get = |name| chart.get(name).map(|values| values.join("+"));
        assert_eq!(get("title").as_deref(), Some("By host"));
        assert_eq!(get("ycolumns").as_deref(), Some("a+b"));
        assert_eq!((get("ymin").as_deref(), get("kind").as_deref()), (Some("0"), Some("stacked")));
        assert_eq!((get("accumulate").as_deref(), get("xtitle")), (Some("true"), None));
    }
}
