//! Constants that are compiled or parsed: whether they can be.
//!
//! What is wrong with a pattern shows here, with its place, and not when the first row is read. Some
//! constants Kusto takes and never matches or makes null of; those are warnings.

use std::net::{IpAddr, Ipv4Addr};

use kql_syntax::{Span, ast::MatchOp};
use kql_types::{KqlType, Value, datetime, dynamic, guid, timespan};
use regex_syntax::ast::ErrorKind;

use super::{
    super::calls::arguments::{Arg, Placed},
    regexes,
};
use crate::{
    binder::Binder,
    codes,
    functions::{Function, Param, Reading},
    tree::{Expr, ExprKind},
};

impl Binder<'_> {
    /// Checks an argument that is a constant text.
    pub(in crate::scalar) fn check_reading(
        &mut self,
        function: &Function,
        placed: &Placed,
        param: &Param,
    ) {
        let (Some(reading), Arg::Scalar(Some(expr))) = (param.reading, &placed.arg) else { return };
        let Some(text) = constant_text(expr) else { return };
        match reading {
            Reading::Regex => self.check_pattern_of(function, &text, placed.span),
            Reading::Json => {
                if !text.trim().is_empty() && dynamic::compact(&text).is_none() {
                    let message = "this text is not JSON, so the value is the text itself";
                    self.warning(codes::CONSTANT_WITHOUT_EFFECT, placed.span, message);
                }
            }
            Reading::Ipv4Range | Reading::Ipv6Range => {
                let is_v6_taken = reading == Reading::Ipv6Range;
                if !text.is_empty() && !is_range(&text, is_v6_taken) {
                    let kind = if is_v6_taken { "IP" } else { "IPv4" };
                    let message = format!(
                        "`{text}` is not an {kind} address or range, so `{}` has no answer",
                        function.name
                    );
                    self.warning(codes::CONSTANT_WITHOUT_EFFECT, placed.span, message);
                }
            }
        }
    }

    /// Checks a pattern as its function compiles it: `trim` and its kin put it into a group of their own,
    /// which it may close.
    fn check_pattern_of(&mut self, function: &Function, pattern: &str, span: Span) {
        let compiled = match function.canonical {
            "trim" | "trim_start" | "trim_end" => format!("^({pattern})"),
            _ => pattern.to_owned(),
        };
        if !regexes::is_pattern(&compiled) {
            self.check_regex(pattern, span);
        }
    }

    /// Checks what depends on several arguments: the number of a group, and how `countof` searches.
    pub(in crate::scalar) fn check_readings_together(
        &mut self,
        function: &Function,
        args: &[Placed],
    ) {
        let text = |at: usize| match args.get(at).map(|it| &it.arg) {
            Some(Arg::Scalar(Some(expr))) => constant_text(expr),
            _ => None,
        };
        if function.canonical == "countof"
            && text(2).is_some_and(|kind| kind.eq_ignore_ascii_case("regex"))
            && let (Some(pattern), Some(placed)) = (text(1), args.get(1))
        {
            self.check_regex(&pattern, placed.span);
        }
        if !matches!(function.canonical, "extract" | "extract_all") {
            return;
        }
        let (Some(pattern), Some(placed)) = (text(0), args.get(1)) else { return };
        let Arg::Scalar(Some(groups)) = &placed.arg else { return };
        let Some(names) = regexes::group_names(&pattern) else { return };
        let count = names.len();
        match (function.canonical, args.len()) {
            ("extract", _) => {
                let number = constant_number(groups);
                if let Some(number) =
                    number.filter(|it| usize::try_from(*it).map_or(true, |it| it > count))
                {
                    let message = format!(
                        "the pattern has {count} groups, so group {number} is always empty"
                    );
                    self.warning(codes::CONSTANT_WITHOUT_EFFECT, placed.span, message);
                }
            }
            ("extract_all", 3) => {
                let ExprKind::Literal(Value::Dynamic(Some(json))) = &groups.kind else { return };
                for group in dynamic::elements(json) {
                    let name = dynamic::unquote(group);
                    let is_number = name.parse::<usize>().is_ok_and(|number| number <= count);
                    let is_name = names.iter().flatten().any(|it| **it == *name);
                    if !is_number && !is_name {
                        // Measured: such a group drops out, and none left means all of them.
                        let message =
                            format!("the pattern has no group `{name}`, so it is left out");
                        self.warning(codes::NO_SUCH_GROUP, placed.span, message);
                    }
                }
            }
            _ => {}
        }
    }

    /// Checks the right side of a string operator.
    pub(in crate::scalar) fn check_match(&mut self, op: MatchOp, right: &Expr) {
        if op == MatchOp::MatchesRegex
            && let Some(pattern) = constant_text(right)
        {
            self.check_regex(&pattern, right.span);
        }
    }

    /// Reports a text that is no regular expression. The syntax is that of the `regex` crate, by Kusto's
    /// own documentation: <https://learn.microsoft.com/kusto/query/regex>.
    pub(crate) fn check_regex(&mut self, pattern: &str, span: Span) {
        if regexes::is_pattern(pattern) {
            return;
        }
        let Err(error) = regex::Regex::new(pattern) else { return };
        let (message, help) = match regex_syntax::Parser::new().parse(pattern) {
            Err(regex_syntax::Error::Parse(error)) => {
                let at =
                    pattern.get(..error.span().start.offset).map_or(0, |it| it.chars().count());
                let (what, help) = in_words(error.kind());
                (
                    format!(
                        "invalid regular expression, at character {}: {what}",
                        at.saturating_add(1)
                    ),
                    help,
                )
            }
            Err(regex_syntax::Error::Translate(error)) => {
                let at =
                    pattern.get(..error.span().start.offset).map_or(0, |it| it.chars().count());
                let what = error.kind().to_string();
                (
                    format!(
                        "invalid regular expression, at character {}: {what}",
                        at.saturating_add(1)
                    ),
                    None,
                )
            }
            _ if matches!(error, regex::Error::CompiledTooBig(_)) => {
                let help = "repeat less: `{1,1000}` of a class makes a thousand copies of it";
                (
                    "the regular expression needs more memory than one may have".to_owned(),
                    Some(help),
                )
            }
            _ => ("invalid regular expression".to_owned(), None),
        };
        self.error_with_help(codes::INVALID_REGEX, span, message, help.map(str::to_owned));
    }

    /// Reports a constant text of which a conversion makes null.
    pub(in crate::scalar) fn check_conversion(&mut self, from: &Expr, to: KqlType, span: Span) {
        let ExprKind::Literal(Value::String(text)) = &from.kind else { return };
        let is_read = match to {
            KqlType::Datetime => datetime::parse(text).is_some(),
            KqlType::Timespan => timespan::parse(text).is_some(),
            KqlType::Guid => guid::parse(text).is_some(),
            _ => return,
        };
        if !is_read && !text.is_empty() {
            let message = format!("`{text}` is not a valid {to}, so the value is null");
            self.warning(codes::CONSTANT_WITHOUT_EFFECT, span, message);
        }
    }
}

/// Returns the text that an expression always has: a literal, or literals joined.
fn constant_text(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Literal(Value::String(text)) => Some(text.clone()),
        ExprKind::Call { function: "strcat", args } => args.iter().map(constant_text).collect(),
        ExprKind::Convert(inner) if expr.ty == KqlType::String => constant_text(inner),
        _ => None,
    }
}

fn constant_number(expr: &Expr) -> Option<i64> {
    match &expr.kind {
        ExprKind::Literal(Value::Long(number)) => *number,
        ExprKind::Literal(Value::Int(number)) => number.map(i64::from),
        ExprKind::Convert(inner) => constant_number(inner),
        ExprKind::Negate(inner) => constant_number(inner)?.checked_neg(),
        _ => None,
    }
}

/// Tells whether a text is an address, perhaps with the length of a prefix.
fn is_range(text: &str, is_v6_taken: bool) -> bool {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (text, None),
    };
    let most: u8 = match address.trim().parse::<IpAddr>() {
        Ok(IpAddr::V4(_)) => 32,
        Ok(IpAddr::V6(_)) if is_v6_taken => 128,
        _ if is_short_v4(address) => 32,
        _ => return false,
    };
    // Beside IPv6 addresses, those of IPv4 may have prefixes of the longer form.
    let most = if is_v6_taken { 128 } else { most };
    prefix.is_none_or(|prefix| prefix.trim().parse::<u8>().is_ok_and(|prefix| prefix <= most))
}

/// Tells whether it is an IPv4 address with zeros before its numbers, which the standard parser refuses.
fn is_short_v4(address: &str) -> bool {
    let parts: Vec<&str> = address.trim().split('.').collect();
    let octet = |part: &&str| part.parse::<u8>().is_ok();
    parts.len() == Ipv4Addr::UNSPECIFIED.octets().len() && parts.iter().all(octet)
}

/// Returns what is wrong with a pattern, and what to do about it.
fn in_words(kind: &ErrorKind) -> (String, Option<&'static str>) {
    match kind {
        ErrorKind::UnsupportedLookAround => (
            "look-around, `(?=`, `(?!`, `(?<=` or `(?<!`, is not part of Kusto's regular expressions"
                .to_owned(),
            Some("test what must or must not follow in a condition of its own"),
        ),
        ErrorKind::UnsupportedBackreference => (
            "a reference back to a group, `\\1`, is not part of Kusto's regular expressions".to_owned(),
            Some("capture both parts by `extract`, and compare them"),
        ),
        other => (other.to_string(), None),
    }
}
