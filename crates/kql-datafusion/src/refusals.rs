//! Why a function, a plugin or an operator does not run, where there is more to say than that it does not.

/// What does not run, and why.
const REASONS: &[(&str, &str)] = &[
    ("ai_chat_completion", CALLS_OUT),
    ("ai_chat_completion_prompt", CALLS_OUT),
    ("ai_embed_text", CALLS_OUT),
    ("ai_embeddings", CALLS_OUT),
    ("autocluster", SAMPLES),
    ("azure_digital_twins_query_request", CALLS_OUT),
    ("basket", SAMPLES),
    ("cosmosdb_sql_request", CALLS_OUT),
    ("csharp", CODE),
    ("dax_request", CALLS_OUT),
    ("diffpatterns", SAMPLES),
    ("execute_query", CALLS_OUT),
    ("execute_show_command", CALLS_OUT),
    ("funnel_sequence", SEQUENCE),
    ("funnel_sequence_completion", SEQUENCE),
    ("geo_h3cell_neighbors", ORDER),
    ("geo_line_buffer", SHAPE),
    ("geo_line_simplify", SHAPE),
    ("geo_line_to_s2cells", ORDER),
    ("geo_polygon_buffer", SHAPE),
    ("geo_polygon_simplify", SHAPE),
    ("geo_polygon_to_h3cells", ORDER),
    ("geo_polygon_to_s2cells", ORDER),
    ("geo_s2cell_neighbors", ORDER),
    ("geo_simplify_polygons_array", SHAPE),
    ("hash_combine", "how Kusto combines hashes is not published"),
    ("hash_many", "how Kusto combines hashes is not published"),
    ("http_request", CALLS_OUT),
    ("http_request_post", CALLS_OUT),
    ("infer_storage_schema", CALLS_OUT),
    ("infer_storage_schema_with_suggestions", CALLS_OUT),
    ("mysql_request", CALLS_OUT),
    ("parse_user_agent", "its rules for browsers and devices are Kusto's own and not published"),
    ("postgresql_request", CALLS_OUT),
    ("python", CODE),
    ("r", CODE),
    ("rand", "an answer is the same here whenever it is asked for"),
    ("reduce", "which texts it takes together is not published to the last one"),
    ("sequence_detect", SEQUENCE),
    (
        "series_decompose_forecast",
        "versions of the documentation disagree on the trend it has if none is given",
    ),
    ("series_fit_2lines_dynamic", "the place of the split is not documented"),
    ("series_periods_detect", SCORES),
    ("series_periods_validate", SCORES),
    ("sql_request", CALLS_OUT),
    (
        "weekofyear",
        "its weeks are older than those of `week_of_year`, and the day that they begin on is not documented",
    ),
];

const CALLS_OUT: &str = "it calls what is outside, and queries see what is given to them";
const CODE: &str = "it runs code of another language";
const SAMPLES: &str = "it draws samples, so that what it finds differs from time to time";
const SEQUENCE: &str = "which rows make up a sequence is not documented to the last one";
const ORDER: &str = "the order of its result is not documented";
const SHAPE: &str = "the points of its result are not documented";
const SCORES: &str = "how Kusto scores periods is not published";

/// Says that something does not run, and why if that is known.
pub(crate) fn refusal(what: &str, name: &str) -> String {
    match REASONS.iter().find(|(known, _)| *known == name) {
        Some((_, why)) => format!("{what}`{name}` does not run yet: {why}"),
        None => format!("{what}`{name}` does not run yet"),
    }
}

#[cfg(test)]
mod tests {
    use super::REASONS;

    #[test]
    fn reasons_are_in_order_and_of_what_exists() {
        assert!(REASONS.windows(2).all(|pair| pair[0].0 < pair[1].0));
        let operators = ["reduce"];
        for (name, _) in REASONS {
            let is_known = kql_bind::functions::scalar(name).is_some()
                || kql_bind::functions::plugin(name).is_some()
                || operators.contains(name);
            assert!(is_known, "{name}");
        }
    }
}
