//! The pattern of `parse` as a regular expression of the `regex` crate.
//!
//! | part | simple, relaxed | regex |
//! |--|--|--|
//! | text | itself | the query's own expression |
//! | `*` | anything, as little as possible | the same |
//! | a string | as little as possible | as much as possible |
//! | another type | the same; its shape where nothing says where it ends | its shape |
//! | the whole | reaches the end of the text | need not |
//!
//! Source: measured. That a simple pattern reaches over line breaks is inferred.

use kql_syntax::ast::{Literal, ParsePart};
use kql_types::KqlType;

use crate::tree::Column;

/// The kinds of `parse`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::operators) enum Kind {
    /// All columns have to convert.
    Simple,
    /// Each column converts by itself.
    Relaxed,
    /// Texts are regular expressions.
    Regex,
}

/// A pattern.
pub(in crate::operators) struct Pattern<'p> {
    /// Its kind.
    pub(in crate::operators) kind: Kind,
    /// The flags of a regular expression.
    pub(in crate::operators) flags: &'p str,
    /// Its parts.
    pub(in crate::operators) parts: &'p [ParsePart],
    /// The columns among the parts, in order.
    pub(in crate::operators) columns: &'p [Column],
}

/// The name of a group, before its number. A query's own groups may have other names.
const GROUP: &str = "quarry_";

impl Pattern<'_> {
    /// Returns the regular expression, whose groups `quarry_0`, `quarry_1`, … capture the columns.
    ///
    /// # Errors
    ///
    /// The name of what does not run.
    pub(in crate::operators) fn regex(&self) -> Result<String, &'static str> {
        let mut regex = self.prefix()?;
        let mut columns = self.columns.iter().enumerate();
        for (at, part) in self.parts.iter().enumerate() {
            match part {
                ParsePart::Star(_) => regex.push_str(".*?"),
                ParsePart::Text(text, _) => regex.push_str(&self.text(text)?),
                ParsePart::Column(_) => {
                    let Some((number, column)) = columns.next() else { continue };
                    let shape = self.shape(column.ty, at)?;
                    let group = format!("(?P<{GROUP}{number}>{shape})");
                    regex.push_str(&group);
                }
            }
        }
        if self.kind != Kind::Regex {
            regex.push('$');
        }
        Ok(regex)
    }

    fn prefix(&self) -> Result<String, &'static str> {
        if self.kind != Kind::Regex {
            return if self.flags.is_empty() {
                Ok("(?s)".to_owned())
            } else {
                Err("parse with flags whose pattern is not a regular expression")
            };
        }
        if !self.flags.chars().all(|flag| "ismU".contains(flag)) {
            return Err("parse with flags other than i, s, m and U");
        }
        Ok(if self.flags.is_empty() { String::new() } else { format!("(?{})", self.flags) })
    }

    fn text(&self, text: &Literal) -> Result<String, &'static str> {
        match text {
            // Put together as they are: `a|b` divides the whole.
            Literal::String(text) if self.kind == Kind::Regex => Ok(text.clone()),
            Literal::String(text) => Ok(escaped(text)),
            _ => Err("parse by something other than text"),
        }
    }

    /// Returns what a column of a type captures at a place in the pattern.
    fn shape(&self, ty: KqlType, at: usize) -> Result<String, &'static str> {
        let next = at.checked_add(1).and_then(|next| self.parts.get(next));
        if self.kind == Kind::Regex {
            return self.regex_shape(ty, next.is_none()).map(str::to_owned);
        }
        match next {
            None | Some(ParsePart::Text(..)) => Ok(".*?".to_owned()),
            Some(ParsePart::Star(_) | ParsePart::Column(_)) => {
                let shape = open_shape(ty).ok_or("parse of this type before `*`")?;
                // Measured: before the last `*` the value may be missing.
                let is_last = self.parts.len() == at.saturating_add(2);
                Ok(if is_last { format!("(?:{shape})?") } else { shape.to_owned() })
            }
        }
    }

    fn regex_shape(&self, ty: KqlType, is_last: bool) -> Result<&'static str, &'static str> {
        let is_temporal = matches!(ty, KqlType::Datetime | KqlType::Timespan);
        if is_temporal && (is_last || self.flags.contains('U')) {
            // Measured: what is found does not follow from any expression.
            return Err("parse of a time at the end of a regular expression");
        }
        Ok(match ty {
            KqlType::String | KqlType::Dynamic => ".*",
            KqlType::Int | KqlType::Long => LONG,
            KqlType::Real | KqlType::Decimal => r"\s*[-+]?\d+(?:\.\d+)?",
            KqlType::Bool => r"\s*(?i:true|false)",
            KqlType::Guid => GUID,
            KqlType::Datetime => DATETIME,
            KqlType::Timespan => TIMESPAN,
        })
    }
}

/// Returns what a value looks like whose end nothing else marks.
fn open_shape(ty: KqlType) -> Option<&'static str> {
    Some(match ty {
        KqlType::Int | KqlType::Long => LONG,
        KqlType::Real | KqlType::Decimal => r"\s*[-+]?(?:\d+\.?\d*|\.\d+)",
        KqlType::Bool => r"\s*(?i:true|false|[-+]?\d+)",
        KqlType::Guid => GUID,
        KqlType::String | KqlType::Dynamic | KqlType::Datetime | KqlType::Timespan => return None,
    })
}

const LONG: &str = r"\s*[-+]?\d+";
/// With braces or without; with hyphens or without.
const GUID: &str = concat!(
    r"\s*(?:\{[[:xdigit:]]{8}-?(?:[[:xdigit:]]{4}-?){3}[[:xdigit:]]{12}\}",
    r"|[[:xdigit:]]{8}-?(?:[[:xdigit:]]{4}-?){3}[[:xdigit:]]{12})",
);
/// Year first with hyphens, month first with slashes; then perhaps a time and a zone.
const DATETIME: &str = concat!(
    r"\s*(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}/\d{1,2}/\d{1,4})",
    r"(?:[Tt ]\s*\d{1,2}:\d{1,2}(?::\d{1,2}(?:\.\d*)?)?)?",
    r"(?:[Zz]|[-+]\d{1,2}(?::\d{1,2})?)?",
);
const TIMESPAN: &str =
    concat!(r"\s*-?(?:\d+\.\d{1,2}:\d{1,2}:\d{1,2}|\d{1,2}:\d{1,2}(?::\d{1,2})?)", r"(?:\.\d*)?",);

/// Returns the expression that matches a text and nothing else.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        if r"\.+*?()|[]{}^$#&-~".contains(char) {
            escaped.push('\\');
        }
        escaped.push(char);
    }
    escaped
}
