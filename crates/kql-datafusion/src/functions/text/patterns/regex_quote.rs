//! `regex_quote`

use std::borrow::Cow;

use super::super::{Example, Kernel, Returns, ScalarFunction, columns::texts};

pub(in crate::functions::text) const REGEX_QUOTE: ScalarFunction = ScalarFunction {
    name: "regex_quote",
    summary: "Returns a text as a regular expression that matches just it.",
    source: "https://learn.microsoft.com/kusto/query/regex-quote-function",
    examples: &[Example::new("regex_quote('(so$me.Te^xt)')", r"\(so\$me\.Te\^xt\)")],
    lower: |call| Some(call.apply(&QUOTE)),
};

pub(in crate::functions::text) static QUOTE: Kernel = Kernel {
    name: "kql_regex_quote",
    returns: Returns::Text,
    eval: |args| {
        let strings = args.text(0)?;
        Ok(texts(args.rows(), |row| Some(Cow::Owned(regex::escape(strings.str(row))))))
    },
};
