//! Paths into JSON, as `extract_json` and `bag_set_key` have them: a way down by keys and indices.

/// A step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) enum Step {
    /// `.key` or `['key']`
    Key(String),
    /// `[3]`
    Index(i64),
}

/// Reads a path that starts with `$`; `None` if it is none, or has wildcards or filters.
///
/// Source: <https://learn.microsoft.com/kusto/query/jsonpath>
pub(in super::super) fn parse(path: &str) -> Option<Vec<Step>> {
    let mut rest = path.trim().strip_prefix('$')?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let (step, tail) = if let Some(key) = rest.strip_prefix('.') {
            let end = key.find(['.', '[']).unwrap_or(key.len());
            let (key, tail) = key.split_at_checked(end)?;
            (Step::Key(key.to_owned()), tail)
        } else {
            bracket(rest.strip_prefix('[')?)?
        };
        match &step {
            Step::Key(key) if key.is_empty() || key == "*" => return None,
            _ => steps.push(step),
        }
        rest = tail;
    }
    Some(steps)
}

/// Reads what stands in brackets, and returns what follows them.
fn bracket(text: &str) -> Option<(Step, &str)> {
    let text = text.trim_start();
    for quote in ['\'', '"'] {
        if let Some(quoted) = text.strip_prefix(quote) {
            let (key, tail) = quoted.split_once(quote)?;
            return Some((Step::Key(key.to_owned()), tail.trim_start().strip_prefix(']')?));
        }
    }
    let (index, tail) = text.split_once(']')?;
    Some((Step::Index(index.trim().parse().ok()?), tail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_ways_down_and_refuses_the_rest() {
        let key = |key: &str| Step::Key(key.to_owned());
        assert_eq!(parse("$"), Some(vec![]));
        assert_eq!(parse("$.a['b c'][2]"), Some(vec![key("a"), key("b c"), Step::Index(2)]));
        assert_eq!(parse("$[\"a.b\"].c"), Some(vec![key("a.b"), key("c")]));
        for path in ["a", "", "$..a", "$.*", "$[*]", "$[?(@.a)]", "$.a[", "$x"] {
            assert_eq!(parse(path), None, "{path}");
        }
    }
}
