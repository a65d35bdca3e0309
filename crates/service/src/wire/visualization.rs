//! How a chart is told, in the objects that Kusto's and Log Analytics' clients read. They have the same members
//! under other names.
//!
//! Sources: <https://learn.microsoft.com/kusto/api/rest/response-v2> and
//! <https://learn.microsoft.com/azure/azure-monitor/logs/api/prefer-options>.

use serde_json::{Map, Value, json};

use crate::chart::Chart;

/// What a member holds.
#[derive(Clone, Copy)]
enum Holds {
    Text,
    /// Names of columns.
    Names,
    Flag,
    /// An end of an axis; `NaN` where it is not said.
    End,
}

use Holds::{End, Flag, Names, Text};

/// The members in order: the property of `render`, the name of Kusto, the name of Log Analytics.
const MEMBERS: [(&str, &str, &str, Holds); 18] = [
    ("title", "Title", "title", Text),
    ("xcolumn", "XColumn", "xColumn", Text),
    ("series", "Series", "series", Names),
    ("ycolumns", "YColumns", "yColumns", Names),
    ("anomalycolumns", "AnomalyColumns", "anomalyColumns", Names),
    ("xtitle", "XTitle", "xTitle", Text),
    ("ytitle", "YTitle", "yTitle", Text),
    ("xaxis", "XAxis", "xAxis", Text),
    ("yaxis", "YAxis", "yAxis", Text),
    ("legend", "Legend", "legend", Text),
    ("ysplit", "YSplit", "ySplit", Text),
    ("accumulate", "Accumulate", "accumulate", Flag),
    // Nobody can say this one: it is about how the rows stand.
    ("", "IsQuerySorted", "isQuerySorted", Flag),
    ("kind", "Kind", "kind", Text),
    ("ymin", "Ymin", "yMin", End),
    ("ymax", "Ymax", "yMax", End),
    ("xmin", "Xmin", "xMin", Text),
    ("xmax", "Xmax", "xMax", Text),
];

/// Returns a chart as Kusto's protocols have it, as the text of an object; also where there is none.
pub(super) fn of_kusto(chart: Option<&Chart>) -> String {
    Value::Object(object(chart, "Visualization", |member| member.1)).to_string()
}

/// Returns a chart as Log Analytics has it.
pub(super) fn of_log_analytics(chart: &Chart) -> Value {
    Value::Object(object(Some(chart), "visualization", |member| member.2))
}

type Member = (&'static str, &'static str, &'static str, Holds);

fn object(
    chart: Option<&Chart>,
    kind: &str,
    name: fn(&Member) -> &'static str,
) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert(kind.to_owned(), json!(chart.map(|chart| &chart.kind)));
    for member in &MEMBERS {
        let (property, .., holds) = member;
        let said = chart.and_then(|chart| chart.get(property));
        let first = said.and_then(<[String]>::first);
        let value = match holds {
            Text => json!(first),
            Names => json!(said),
            Flag => json!(first.is_some_and(|flag| flag == "true")),
            End => json!(first.map_or("NaN", String::as_str)),
        };
        object.insert(name(member).to_owned(), value);
    }
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_told_and_the_rest_is_null() {
        let properties = [("title", &["By host"][..]), ("ycolumns", &["a", "b"]), ("ymin", &["0"])];
        let properties = properties
            .map(|(name, values)| {
                let values = values.iter().map(|&value| value.to_owned()).collect();
                (name.to_owned(), values)
            })
            .to_vec();
        let chart = Chart { kind: "timechart".to_owned(), properties };
        let told: Value = serde_json::from_str(&of_kusto(Some(&chart))).unwrap();
        assert_eq!(told["Visualization"], json!("timechart"));
        assert_eq!((&told["Title"], &told["YColumns"]), (&json!("By host"), &json!(["a", "b"])));
        assert_eq!((&told["Ymin"], &told["Ymax"]), (&json!("0"), &json!("NaN")));
        assert_eq!((&told["XTitle"], &told["Accumulate"]), (&json!(null), &json!(false)));
        assert_eq!(of_log_analytics(&chart)["yColumns"], json!(["a", "b"]));
        let none: Value = serde_json::from_str(&of_kusto(None)).unwrap();
        assert_eq!(none["Visualization"], json!(null));
    }
}
