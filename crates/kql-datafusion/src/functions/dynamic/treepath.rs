//! `treepath`

use kql_types::dynamic;

use super::{
    Example, Kernel, Returns, ScalarFunction,
    columns::written,
    json_array::{elements, entries},
};

pub(super) const TREEPATH: ScalarFunction = ScalarFunction {
    name: "treepath",
    summary: "Returns the paths to all that a bag holds; an array stands for its first element.",
    source: "https://learn.microsoft.com/kusto/query/treepath-function",
    examples: &[Example::new(
        r#"treepath(parse_json('{"p":[1,2,3],"q":"v"}'))"#,
        r#"["['p']","['p'][0]","['q']"]"#,
    )],
    lower: |call| Some(call.apply(&PATHS)),
};

/// Null if the argument is no bag.
///
/// Source: documented: the elements of an array share one path, as `[0]`.
pub(super) static PATHS: Kernel = Kernel {
    name: "kql_treepath",
    returns: Returns::Text,
    eval: |args| {
        let bags = args.text(0)?;
        written(args.rows(), |row, out| {
            let Some(bag) = bags.get(row).filter(|bag| entries(bag).is_some()) else {
                return Ok(None);
            };
            let mut paths = Vec::new();
            collect(bag, "", &mut paths);
            out.push('[');
            for (number, path) in paths.iter().enumerate() {
                if number > 0 {
                    out.push(',');
                }
                dynamic::quote(path, out);
            }
            out.push(']');
            Ok(Some(()))
        })
    },
};

fn collect(json: &str, path: &str, paths: &mut Vec<String>) {
    stacker::maybe_grow(64 * 1024, 1024 * 1024, || {
        if let Some(entries) = entries(json) {
            for (key, value) in entries {
                visit(value, &format!("{path}['{}']", dynamic::unquote(key)), paths);
            }
        } else if let Some(elements) = elements(json) {
            for element in elements {
                visit(element, &format!("{path}[0]"), paths);
            }
        }
    });
}

fn visit(json: &str, path: &str, paths: &mut Vec<String>) {
    if !paths.iter().any(|known| known == path) {
        paths.push(path.to_owned());
    }
    collect(json, path, paths);
}
