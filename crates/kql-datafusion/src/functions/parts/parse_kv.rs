//! Keys and values of a text as a bag of texts: the work of `parse-kv`.
//!
//! Of a key that occurs twice the first value counts; white space around keys and values does not.
//!
//! Source: <https://learn.microsoft.com/kusto/query/parse-kv-operator>

use arrow::array::ArrayRef;
use datafusion_common::{Result, exec_datafusion_err};
use kql_types::dynamic;
use regex::Regex;

use super::{Args, Kernel, Returns, ScalarFunction, columns, constant_text};

pub(super) const PARSE_KV: ScalarFunction = ScalarFunction {
    name: "parse_kv",
    summary: "Returns the values that stand behind keys, divided by delimiters.",
    source: "https://learn.microsoft.com/kusto/query/parse-kv-operator",
    examples: &[],
    lower: |call| Some(call.apply(&DELIMITED)),
};

pub(super) const PARSE_KV_REGEX: ScalarFunction = ScalarFunction {
    name: "parse_kv_regex",
    summary: "Returns the values that a regular expression finds beside keys.",
    source: "https://learn.microsoft.com/kusto/query/parse-kv-operator",
    examples: &[],
    lower: |call| {
        let regex = Regex::new(&constant_text(call, 1)?).ok()?;
        (regex.captures_len() == 3).then(|| call.apply(&MATCHED))
    },
};

/// Arguments: the text; what divides pairs; what divides key and value; opening and closing quotes in
/// turn; characters that escape; and, where a value ends only before a key, the keys as an array.
pub(super) static DELIMITED: Kernel =
    Kernel { name: "kql_parse_kv", returns: Returns::Text, eval: delimited };

/// Arguments: the text, and an expression whose groups are key and value.
pub(super) static MATCHED: Kernel =
    Kernel { name: "kql_parse_kv_regex", returns: Returns::Text, eval: matched };

fn delimited(args: &Args<'_>) -> Result<ArrayRef> {
    let texts = args.text(0)?;
    let [pair, kv, quotes, escapes, keys] = [1, 2, 3, 4, 5].map(|at| args.text(at));
    let (pair, kv, quotes, escapes, keys) = (pair?, kv?, quotes?, escapes?, keys?);
    columns::written(args.rows(), |row, out| {
        let keys = dynamic::elements(keys.get(row).unwrap_or_default());
        let rules = Rules {
            pair: pair.str(row),
            kv: kv.str(row),
            quotes: quotes.str(row),
            escapes: escapes.str(row),
            keys: keys.map(|key| dynamic::unquote(key).into_owned()).collect(),
        };
        write_bag(&rules.pairs(texts.str(row)), out);
        Ok(Some(()))
    })
}

fn matched(args: &Args<'_>) -> Result<ArrayRef> {
    let texts = args.text(0)?;
    let mut patterns =
        args.compiled(1, |text| Regex::new(text).map_err(|error| exec_datafusion_err!("{error}")))?;
    columns::written(args.rows(), |row, out| {
        let pattern = patterns.get(row)?;
        let mut pairs = Vec::new();
        for found in pattern.captures_iter(texts.str(row)) {
            let group = |at| found.get(at).map_or("", |it| it.as_str()).trim().to_owned();
            pairs.push((group(1), group(2)));
        }
        write_bag(&pairs, out);
        Ok(Some(()))
    })
}

fn write_bag(pairs: &[(String, String)], out: &mut String) {
    out.push('{');
    for (number, (key, value)) in pairs.iter().enumerate() {
        if number > 0 {
            out.push(',');
        }
        dynamic::quote(key, out);
        out.push(':');
        dynamic::quote(value, out);
    }
    out.push('}');
}

/// How a text is divided.
struct Rules<'a> {
    pair: &'a str,
    kv: &'a str,
    quotes: &'a str,
    escapes: &'a str,
    /// Keys before which alone a value ends; empty where any delimiter ends it.
    keys: Vec<String>,
}

impl Rules<'_> {
    fn pairs(&self, text: &str) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            rest = self.skip_space(rest);
            if let Some(after) = rest.strip_prefix(self.pair).filter(|_| !self.pair.is_empty()) {
                rest = after;
                continue;
            }
            let Some((key, after)) = self.key(rest) else {
                // No key: on to the next pair.
                match rest.find(self.pair).filter(|_| !self.pair.is_empty()) {
                    Some(at) => rest = rest.get(at..).unwrap_or_default(),
                    None => break,
                }
                continue;
            };
            let (value, after) = self.value(self.skip_space(after));
            pairs.push((key, value));
            rest = after;
        }
        pairs
    }

    /// Skips white space that divides nothing.
    fn skip_space<'t>(&self, text: &'t str) -> &'t str {
        text.trim_start_matches(|char: char| char.is_whitespace() && !self.pair.contains(char))
    }

    /// Reads a key and the delimiter behind it.
    fn key<'t>(&self, text: &'t str) -> Option<(String, &'t str)> {
        if let Some((key, after)) = self.quoted(text) {
            return after.trim_start().strip_prefix(self.kv).map(|after| (key, after));
        }
        let (before, after) = text.split_once(self.kv)?;
        let is_one = self.pair.is_empty() || !before.contains(self.pair);
        is_one.then(|| (before.trim().to_owned(), after))
    }

    fn value<'t>(&self, text: &'t str) -> (String, &'t str) {
        if let Some(quoted) = self.quoted(text) {
            return quoted;
        }
        let end = if self.keys.is_empty() {
            text.find(self.pair).filter(|_| !self.pair.is_empty())
        } else {
            let before_key = |key: &String| text.find(&format!("{}{key}{}", self.pair, self.kv));
            self.keys.iter().filter_map(before_key).min()
        };
        let (value, rest) = text.split_at_checked(end.unwrap_or(text.len())).unwrap_or((text, ""));
        (value.trim().to_owned(), rest)
    }

    /// Reads what stands within quotes, if the text starts with one; escaped characters stand for
    /// themselves.
    fn quoted<'t>(&self, text: &'t str) -> Option<(String, &'t str)> {
        let open = text.chars().next()?;
        let quotes: Vec<char> = self.quotes.chars().collect();
        let close = quotes.chunks(2).find_map(|pair| match pair {
            [first, last] if *first == open => Some(*last),
            _ => None,
        })?;
        let mut within = String::new();
        let mut chars = text.char_indices().skip(1);
        while let Some((at, char)) = chars.next() {
            if char == close {
                let after = at.checked_add(char.len_utf8())?;
                return Some((within, text.get(after..)?));
            }
            if self.escapes.contains(char) {
                within.extend(chars.next().map(|(_, escaped)| escaped));
            } else {
                within.push(char);
            }
        }
        None
    }
}
