//! `has_ipv4`, `has_any_ipv4` and their prefix forms: addresses within a text.

use datafusion_common::Result;
use datafusion_expr::{Expr, lit};
use kql_types::{
    KqlType,
    dynamic::{self, Kind},
};

use super::{
    Call, Example, Kernel, Returns, ScalarFunction, address::Network, columns::bools, convert,
};

pub(super) const HAS_IPV4: ScalarFunction = ScalarFunction {
    name: "has_ipv4",
    summary: "Tells whether a text has an address.",
    source: "https://learn.microsoft.com/kusto/query/has-ipv4-function",
    examples: &[
        Example::new("has_ipv4('05:04:54 127.0.0.1 GET', '127.0.0.1')", "True"),
        Example::new("has_ipv4('05:04:54127.0.0.1 GET', '127.0.0.1')", "False"),
    ],
    lower: |call| lower(call, false),
};

pub(super) const HAS_ANY_IPV4: ScalarFunction = ScalarFunction {
    name: "has_any_ipv4",
    summary: "Tells whether a text has one of several addresses.",
    source: "https://learn.microsoft.com/kusto/query/has-any-ipv4-function",
    examples: &[Example::new(
        "has_any_ipv4('05:04:54 127.0.0.1 GET', '127.0.0.2', '127.0.0.1')",
        "True",
    )],
    lower: |call| lower(call, false),
};

pub(super) const HAS_IPV4_PREFIX: ScalarFunction = ScalarFunction {
    name: "has_ipv4_prefix",
    summary: "Tells whether a text has an address that starts so.",
    source: "https://learn.microsoft.com/kusto/query/has-ipv4-prefix-function",
    examples: &[
        Example::new("has_ipv4_prefix('05:04:54 127.0.0.1 GET', '127.0.')", "True"),
        Example::new("has_ipv4_prefix('05:04:54 127.0.0.1 GET', '127.0')", "False"),
    ],
    lower: |call| lower(call, true),
};

pub(super) const HAS_ANY_IPV4_PREFIX: ScalarFunction = ScalarFunction {
    name: "has_any_ipv4_prefix",
    summary: "Tells whether a text has an address that starts in one of several ways.",
    source: "https://learn.microsoft.com/kusto/query/has-any-ipv4-prefix-function",
    examples: &[Example::new(
        "has_any_ipv4_prefix('05:04:54 127.0.0.1 GET', dynamic(['10.', '127.0.']))",
        "True",
    )],
    lower: |call| lower(call, true),
};

fn lower(call: &Call, is_prefix: bool) -> Option<Expr> {
    let mut args = call.args.iter();
    let text = args.next()?;
    let mut lowered = vec![convert(text.expr.clone(), text.ty, KqlType::String)?, lit(is_prefix)];
    for wanted in args {
        lowered.push(convert(wanted.expr.clone(), wanted.ty, KqlType::Dynamic)?);
    }
    Some(HAS.call(lowered))
}

/// A text, whether prefixes are looked for, and dynamics: texts or arrays of them.
pub(super) static HAS: Kernel = Kernel {
    name: "kql_has_ipv4",
    returns: Returns::Bool,
    eval: |args| {
        let (texts, is_prefix) = (args.text(0)?, args.bool(1)?);
        let wanted = (2..args.count()).map(|at| args.text(at)).collect::<Result<Vec<_>>>()?;
        let indices: Vec<usize> = (2..args.count()).collect();
        let json = |row| wanted.iter().filter_map(move |wanted| wanted.get(row));
        let shared = args.prepared(&indices, || Ok(strings(json(0))))?;
        Ok(bools(args.rows(), |row| {
            let is_prefix = is_prefix.get(row).unwrap_or(false);
            match &shared {
                Some(wanted) => has(texts.str(row), wanted, is_prefix),
                None => has(texts.str(row), &strings(json(row)), is_prefix),
            }
        }))
    },
};

fn strings<'a>(wanted: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut strings = Vec::new();
    for json in wanted {
        if dynamic::kind(json) == Kind::Array {
            strings.extend(dynamic::elements(json).map(|it| dynamic::unquote(it).into_owned()));
        } else {
            strings.push(dynamic::unquote(json).into_owned());
        }
    }
    strings
}

/// An address in a text is a run of digits and dots with no letter or digit beside it.
///
/// A prefix ends with a dot, or is a whole address.
fn has(text: &str, wanted: &[String], is_prefix: bool) -> bool {
    let runs = text.split(|c: char| !c.is_alphanumeric() && c != '.');
    runs.filter(|run| Network::parse(run).is_some()).any(|run| {
        wanted.iter().any(|wanted| {
            if is_prefix && wanted.ends_with('.') { run.starts_with(wanted) } else { run == wanted }
        })
    })
}
