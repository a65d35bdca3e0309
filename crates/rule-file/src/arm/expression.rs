//! Template expressions: `[concat('a', parameters('b'))]`, those functions of them that are constant.

use std::cell::Cell;

use granit_parser::ScalarStyle;
use kql_syntax::Span;

use super::{MAX_DEPTH, MAX_STEPS, Scope};
use crate::yaml::{Node, Scalar, Value};

/// The longest text that an expression may come to, in bytes.
const MAX_TEXT: usize = 1 << 16;

/// What a text of a template is.
pub(super) enum Text<'t> {
    /// Itself.
    Plain,
    /// A text that begins with a bracket, which is written twice.
    Escaped(&'t str),
    /// An expression, without its brackets.
    Expression(&'t str),
}

/// Tells expressions from texts.
pub(super) fn of(text: &str) -> Text<'_> {
    match text.strip_prefix('[') {
        Some(rest) if rest.starts_with('[') && rest.ends_with(']') => Text::Escaped(rest),
        Some(rest) => rest.strip_suffix(']').map_or(Text::Plain, Text::Expression),
        None => Text::Plain,
    }
}

/// Returns an expression's value; `None` if it is not known before the deployment.
pub(super) fn evaluate(
    text: &str,
    scope: &Scope,
    steps: &Cell<usize>,
    depth: usize,
) -> Option<Value> {
    let mut reader = Reader { rest: text, scope, steps, depth };
    let value = reader.value()?;
    reader.rest.trim().is_empty().then_some(value)
}

struct Reader<'a> {
    rest: &'a str,
    scope: &'a Scope,
    steps: &'a Cell<usize>,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self) -> Option<Value> {
        self.steps.set(self.steps.get().saturating_add(1));
        if self.depth > MAX_DEPTH || self.steps.get() > MAX_STEPS {
            return None;
        }
        self.depth = self.depth.saturating_add(1);
        self.rest = self.rest.trim_start();
        let mut value = if self.rest.starts_with('\'') {
            text(self.quoted()?)
        } else if self.rest.starts_with(|char: char| char.is_ascii_digit() || char == '-') {
            plain(self.take(|char| char.is_ascii_digit() || char == '-'))
        } else {
            let name = self.take(|char| char.is_ascii_alphanumeric() || char == '_');
            if !self.eat('(') {
                return None;
            }
            let args = self.arguments()?;
            self.call(&name.to_ascii_lowercase(), &args)?
        };
        loop {
            if self.eat('.') {
                let name = self.take(|char| char.is_ascii_alphanumeric() || char == '_');
                value = member(value, name)?;
            } else if self.eat('[') {
                let key = self.value()?;
                if !self.eat(']') {
                    return None;
                }
                value = match key {
                    Value::Scalar(Scalar { text, .. }) => member(value, &text)?,
                    _ => return None,
                };
            } else {
                break;
            }
        }
        self.depth = self.depth.saturating_sub(1);
        Some(value)
    }

    fn arguments(&mut self) -> Option<Vec<Value>> {
        let mut args = Vec::new();
        if self.eat(')') {
            return Some(args);
        }
        loop {
            args.push(self.value()?);
            if self.eat(')') {
                return Some(args);
            }
            if !self.eat(',') {
                return None;
            }
        }
    }

    fn call(&self, name: &str, args: &[Value]) -> Option<Value> {
        match (name, args) {
            ("parameters", [of]) => self.named(&self.scope.parameters, of),
            ("variables", [of]) => self.named(&self.scope.variables, of),
            ("concat", args) => concat(args),
            ("format", [format, values @ ..]) => {
                let mut result = string(format)?.to_owned();
                for (number, value) in values.iter().enumerate() {
                    result = result.replace(&format!("{{{number}}}"), string(value)?);
                }
                bounded(result)
            }
            ("replace", [of, old, new]) => bounded(string(of)?.replace(string(old)?, string(new)?)),
            ("tolower", [of]) => Some(text(string(of)?.to_lowercase())),
            ("toupper", [of]) => Some(text(string(of)?.to_uppercase())),
            ("trim", [of]) => Some(text(string(of)?.trim().to_owned())),
            ("string", [of]) => Some(text(string(of)?.to_owned())),
            ("int", [of]) => Some(plain(string(of)?)),
            ("true" | "false" | "null", []) => Some(plain(name)),
            ("createarray", args) => {
                let items = args.iter().cloned().map(node);
                Some(Value::Sequence(items.collect()))
            }
            ("join", [Value::Sequence(items), between]) => {
                let texts: Option<Vec<&str>> = items.iter().map(Node::text).collect();
                bounded(texts?.join(string(between)?))
            }
            _ => None,
        }
    }

    /// Returns what a parameter or a variable stands for, which may be an expression itself.
    fn named(
        &self,
        values: &std::collections::BTreeMap<String, Node>,
        name: &Value,
    ) -> Option<Value> {
        let found = values.get(&string(name)?.to_ascii_lowercase())?;
        let mut open = Vec::new();
        let resolved = super::resolve_into(found, self.scope, self.steps, self.depth, &mut open);
        open.is_empty().then_some(resolved.value)
    }

    /// Reads a quoted text; a quote in it is doubled.
    fn quoted(&mut self) -> Option<String> {
        let mut text = String::new();
        let mut rest = self.rest.strip_prefix('\'')?;
        loop {
            let (part, behind) = rest.split_once('\'')?;
            text.push_str(part);
            if let Some(behind) = behind.strip_prefix('\'') {
                text.push('\'');
                rest = behind;
            } else {
                self.rest = behind;
                return Some(text);
            }
        }
    }

    fn eat(&mut self, char: char) -> bool {
        let rest = self.rest.trim_start().strip_prefix(char);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn take(&mut self, is_part: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest.trim_start();
        let end = rest.find(|char| !is_part(char)).unwrap_or(rest.len());
        let (part, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
        self.rest = behind;
        part
    }
}

fn concat(args: &[Value]) -> Option<Value> {
    if args.iter().all(|arg| matches!(arg, Value::Sequence(_))) {
        let items = args.iter().flat_map(|arg| match arg {
            Value::Sequence(items) => items.clone(),
            _ => Vec::new(),
        });
        return Some(Value::Sequence(items.collect()));
    }
    let texts: Option<Vec<&str>> = args.iter().map(string).collect();
    bounded(texts?.concat())
}

fn member(value: Value, name: &str) -> Option<Value> {
    match value {
        Value::Sequence(items) => items.into_iter().nth(name.parse().ok()?).map(|item| item.value),
        value => node(value).get_any_case(name).map(|found| found.value.clone()),
    }
}

fn string(value: &Value) -> Option<&str> {
    match value {
        Value::Scalar(scalar) => Some(&scalar.text),
        _ => None,
    }
}

fn bounded(result: String) -> Option<Value> {
    (result.len() <= MAX_TEXT).then(|| text(result))
}

fn text(text: String) -> Value {
    Value::Scalar(Scalar { text, style: ScalarStyle::DoubleQuoted })
}

fn plain(text: &str) -> Value {
    Value::Scalar(Scalar { text: text.to_owned(), style: ScalarStyle::Plain })
}

fn node(value: Value) -> Node {
    Node { value, span: Span::default(), is_computed: true }
}
