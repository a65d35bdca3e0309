//! `trim`, `trim_start`, `trim_end`: what a regular expression matches at the ends of a text.

use datafusion_common::Result;
use regex::Regex;

use super::{Example, Kernel, Returns, ScalarFunction, columns::written, matching};

pub(super) const TRIM: ScalarFunction = ScalarFunction {
    name: "trim",
    summary: "Removes what a regular expression matches from both ends of a text.",
    source: "https://learn.microsoft.com/kusto/query/trim-function",
    examples: &[
        Example::new("trim('--', '--a-b--')", "a-b"),
        Example::new(r"trim(@'\s+', '  a b ')", "a b"),
        Example::new("trim('^-$', '-')", ""),
    ],
    lower: |call| Some(call.apply(&BOTH)),
};

pub(super) const TRIM_START: ScalarFunction = ScalarFunction {
    name: "trim_start",
    summary: "Removes what a regular expression matches from the start of a text.",
    source: "https://learn.microsoft.com/kusto/query/trim-start-function",
    examples: &[Example::new("trim_start('-+', '--a-')", "a-")],
    lower: |call| Some(call.apply(&START)),
};

pub(super) const TRIM_END: ScalarFunction = ScalarFunction {
    name: "trim_end",
    summary: "Removes what a regular expression matches from the end of a text.",
    source: "https://learn.microsoft.com/kusto/query/trim-end-function",
    examples: &[Example::new("trim_end('-+', '-a--')", "-a")],
    lower: |call| Some(call.apply(&END)),
};

pub(super) static BOTH: Kernel = Kernel {
    name: "kql_trim",
    returns: Returns::Text,
    eval: |args| {
        let texts = args.text(1)?;
        let mut patterns = args.compiled(0, Ends::compile)?;
        written(args.rows(), |row, out| {
            let ends = patterns.get(row)?;
            out.push_str(ends.without_end(ends.without_start(texts.str(row))));
            Ok(Some(()))
        })
    },
};

pub(super) static START: Kernel = Kernel {
    name: "kql_trim_start",
    returns: Returns::Text,
    eval: |args| {
        let texts = args.text(1)?;
        let mut patterns = args.compiled(0, Ends::compile)?;
        written(args.rows(), |row, out| {
            out.push_str(patterns.get(row)?.without_start(texts.str(row)));
            Ok(Some(()))
        })
    },
};

pub(super) static END: Kernel = Kernel {
    name: "kql_trim_end",
    returns: Returns::Text,
    eval: |args| {
        let texts = args.text(1)?;
        let mut patterns = args.compiled(0, Ends::compile)?;
        written(args.rows(), |row, out| {
            out.push_str(patterns.get(row)?.without_end(texts.str(row)));
            Ok(Some(()))
        })
    },
};

/// A pattern, tied to either end of a text.
struct Ends {
    start: Regex,
    end: Regex,
}

impl Ends {
    fn compile(pattern: &str) -> Result<Self> {
        // The pattern by itself first, so that an error is about what the query says.
        drop(matching::compile(pattern)?);
        Ok(Self {
            start: matching::compile(&format!("^(?:{pattern})"))?,
            end: matching::compile(&format!("(?:{pattern})$"))?,
        })
    }

    fn without_start<'a>(&self, text: &'a str) -> &'a str {
        let end = self.start.find(text).map_or(0, |found| found.end());
        text.get(end..).unwrap_or_default()
    }

    fn without_end<'a>(&self, text: &'a str) -> &'a str {
        let start = self.end.find(text).map_or(text.len(), |found| found.start());
        text.get(..start).unwrap_or_default()
    }
}
