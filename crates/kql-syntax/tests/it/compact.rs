//! What `{:?}` writes of a tree, without spans, empty fields and wrappers, one node a line.

/// A value as `{:?}` writes it.
enum Value {
    /// A word, number or string.
    Atom(String),
    /// `Name { field: value }`, `Name(value)`, `(value)` and `[value]`; fields have a name.
    Node { name: String, parts: Vec<(Option<String>, Value)>, is_list: bool },
}

/// The longest line that a node with all its parts is written on.
const LINE_CHARS: usize = 100;

/// Returns the text of `{:?}` in short.
pub(crate) fn compact(debug: &str) -> String {
    let mut reader = Reader { rest: debug };
    let value = reader.value();
    assert!(reader.rest.is_empty(), "not read: {}", reader.rest);
    let mut lines = Vec::new();
    for statement in parts_of(&value) {
        write(statement, "", 0, &mut lines);
    }
    lines.join("\n")
}

/// Returns the statements of a query.
fn parts_of(query: &Value) -> Vec<&Value> {
    let Value::Node { parts, .. } = query else { return vec![query] };
    let Some((_, Value::Node { parts, .. })) = parts.first() else { return vec![query] };
    parts.iter().map(|(_, part)| part).collect()
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn value(&mut self) -> Value {
        if self.rest.starts_with('"') {
            return Value::Atom(self.string());
        }
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '+');
        let name = self.take(self.rest.find(|c| !is_name(c)).unwrap_or(self.rest.len()));
        if self.eat(" { ") {
            let parts = self.parts(" }", true);
            return Value::Node { name, parts, is_list: false };
        }
        if self.eat("(") {
            return Value::Node { name, parts: self.parts(")", false), is_list: false };
        }
        if self.eat("[") {
            return Value::Node { name, parts: self.parts("]", false), is_list: true };
        }
        Value::Atom(name)
    }

    fn parts(&mut self, close: &str, named: bool) -> Vec<(Option<String>, Value)> {
        let mut parts = Vec::new();
        while !self.eat(close) {
            self.eat(", ");
            let field = named.then(|| {
                let field = self.take(self.rest.find(": ").expect("a field"));
                self.eat(": ");
                field
            });
            parts.push((field, self.value()));
        }
        parts
    }

    fn string(&mut self) -> String {
        let mut escaped = false;
        let end = self.rest.char_indices().skip(1).find(|(_, c)| {
            let closes = *c == '"' && !escaped;
            escaped = *c == '\\' && !escaped;
            closes
        });
        let (end, _) = end.expect("a closed string");
        self.take(end.saturating_add(1))
    }

    fn take(&mut self, len: usize) -> String {
        let (taken, rest) = self.rest.split_at(len);
        self.rest = rest;
        taken.to_owned()
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.rest.strip_prefix(text);
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }
}

/// Writes a value on one line if it fits, else its parts on lines of their own.
fn write(value: &Value, field: &str, depth: usize, lines: &mut Vec<String>) {
    let indent = "  ".repeat(depth);
    let value = unwrapped(value);
    let line = format!("{indent}{field}{}", on_one_line(value));
    let Value::Node { name, parts, is_list } = value else { return lines.push(line) };
    if line.chars().count() <= LINE_CHARS {
        return lines.push(line);
    }
    let (open, close) = if *is_list { ("[", "]") } else { ("(", ")") };
    lines.push(format!("{indent}{field}{open}{name}"));
    for (part_field, part) in shown(parts) {
        let part_field = part_field.as_ref().map_or_else(String::new, |name| format!("{name}="));
        write(part, &part_field, depth.saturating_add(1), lines);
    }
    lines.push(format!("{indent}{close}"));
}

fn on_one_line(value: &Value) -> String {
    let value = unwrapped(value);
    let (name, parts, is_list) = match value {
        Value::Atom(text) => return text.clone(),
        Value::Node { name, parts, is_list } => (name, parts, *is_list),
    };
    let mut words: Vec<_> = (!name.is_empty()).then(|| name.clone()).into_iter().collect();
    words.extend(shown(parts).map(|(field, part)| {
        let field = field.as_ref().map_or_else(String::new, |name| format!("{name}="));
        format!("{field}{}", on_one_line(part))
    }));
    let text = words.join(" ");
    if is_list { format!("[{text}]") } else { format!("({text})") }
}

/// Looks through what only wraps another value.
fn unwrapped(value: &Value) -> &Value {
    let Value::Node { name, parts, is_list: false } = value else { return value };
    match (name.as_str(), parts.as_slice()) {
        ("Some" | "Literal", [(_, inner)]) => unwrapped(inner),
        ("Expr", [(Some(kind), inner), _]) if kind == "kind" => unwrapped(inner),
        ("Expr", [(None, inner)]) => unwrapped(inner),
        ("Operator" | "Statement", [(_, inner), _]) => unwrapped(inner),
        ("Name", [(Some(text), inner), _]) if text == "text" => inner,
        ("Name", [(None, inner)]) => unwrapped(inner),
        _ => value,
    }
}

/// Returns the parts that say something.
fn shown(parts: &[(Option<String>, Value)]) -> impl Iterator<Item = &(Option<String>, Value)> {
    parts.iter().filter(|(field, value)| {
        let is_span = field.as_ref().is_some_and(|name| name.ends_with("span"));
        let is_empty = match value {
            Value::Atom(text) => field.is_some() && matches!(text.as_str(), "None" | "false"),
            Value::Node { name, parts, .. } => {
                name == "Span" || (field.is_some() && parts.is_empty())
            }
        };
        !is_span && !is_empty
    })
}
