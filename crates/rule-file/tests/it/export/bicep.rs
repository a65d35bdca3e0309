//! A reader of as much of Bicep as is written, written from the language's description and not from the
//! writer, since Bicep's own compiler is no library. What it reads has to be what the template says.
//!
//! Source: <https://learn.microsoft.com/azure/azure-resource-manager/bicep/file>

use serde_json::{Map, Value};

/// Asserts that a Bicep file deploys what a template deploys.
pub(crate) fn check_same(bicep: &str, template: &Value) {
    let file = read(bicep);
    let resources = template["resources"].as_array().unwrap();
    assert_eq!(file.resources.len(), resources.len());
    let unescaped = |value: &Value| unescape(value.clone());
    assert_eq!(file.metadata, unescaped(&template["metadata"]["quarry"]));
    for ((_, ty, own), resource) in file.resources.iter().zip(resources) {
        let expected = format!(
            "{}@{}",
            resource["type"].as_str().unwrap(),
            resource["apiVersion"].as_str().unwrap()
        );
        assert_eq!(ty, &expected);
        let mut members = vec!["kind", "properties"];
        if ty.contains("/workspaces/") {
            // A part of the workspace has the workspace's name before its own.
            let name = own["name"].as_str().unwrap().replace('\'', "''");
            let expected = format!("[format('{{0}}/{{1}}', parameters('workspace'), '{name}')]");
            assert_eq!(resource["name"], expected);
            assert_eq!(own["parent"], "=logs");
        } else {
            members.push("name");
            assert_eq!(own["scope"], "=logs");
        }
        for member in members {
            let own = own.get(member).cloned().unwrap_or_default();
            assert_eq!(own, unescaped(&resource[member]), "{member}");
        }
        let depends = own.get("dependsOn").and_then(Value::as_array).cloned().unwrap_or_default();
        let expected = resource["dependsOn"].as_array().cloned().unwrap_or_default();
        assert_eq!(depends.len(), expected.len());
        for (symbol, id) in depends.iter().zip(&expected) {
            let symbol = symbol.as_str().unwrap().strip_prefix('=').unwrap();
            let (.., list) = file.resources.iter().find(|(name, ..)| name == symbol).unwrap();
            let alias = list["name"].as_str().unwrap().replace('\'', "''");
            assert!(id.as_str().unwrap().ends_with(&format!("'{alias}')]")), "{id} {alias}");
        }
    }
    let mut symbols: Vec<&String> = file.resources.iter().map(|(symbol, ..)| symbol).collect();
    symbols.sort();
    symbols.dedup();
    assert_eq!(symbols.len(), resources.len(), "each resource has a name of its own");
}

fn unescape(value: Value) -> Value {
    match value {
        Value::String(text) if text.starts_with("[[") && text.ends_with(']') => {
            Value::from(&text[1..])
        }
        Value::String(text) => {
            assert!(!(text.starts_with('[') && text.ends_with(']')), "an expression: {text}");
            Value::from(text)
        }
        // Bicep has no fractions.
        Value::Number(number) if number.is_f64() => Value::from(number.to_string()),
        Value::Array(items) => items.into_iter().map(unescape).collect(),
        Value::Object(map) => {
            map.into_iter().map(|(name, value)| (name, unescape(value))).collect()
        }
        other => other,
    }
}

struct File {
    metadata: Value,
    /// Symbolic name, type with its version, members; a bare name is a text with `=` before it.
    resources: Vec<(String, String, Map<String, Value>)>,
}

fn read(text: &str) -> File {
    let mut reader = Reader { rest: text };
    let mut file = File { metadata: Value::Null, resources: Vec::new() };
    loop {
        reader.skip(true);
        if reader.rest.is_empty() {
            return file;
        }
        if reader.eat("@description(") {
            reader.value();
            assert!(reader.eat(")"));
            continue;
        }
        match reader.word().as_str() {
            "metadata" => {
                assert_eq!(reader.word(), "quarry");
                assert!(reader.eat("="));
                file.metadata = reader.value();
            }
            "param" => assert_eq!((&*reader.word(), &*reader.word()), ("workspace", "string")),
            "resource" => {
                let symbol = reader.word();
                let Value::String(ty) = reader.value() else { panic!("a type") };
                let is_existing = reader.eat("existing");
                assert!(reader.eat("="));
                let Value::Object(members) = reader.value() else { panic!("an object") };
                if is_existing {
                    assert_eq!(ty, "Microsoft.OperationalInsights/workspaces@2022-10-01");
                    assert_eq!((&*symbol, &members["name"]), ("logs", &Value::from("=workspace")));
                } else {
                    file.resources.push((symbol, ty, members));
                }
            }
            other => panic!("`{other}` before {:.40}", reader.rest),
        }
        reader.skip(false);
        assert!(reader.rest.is_empty() || reader.rest.starts_with('\n'), "{:.40}", reader.rest);
    }
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    /// Skips blanks; the end of a line ends a member, so that it is not skipped everywhere.
    fn skip(&mut self, with_lines: bool) {
        let blanks: &[char] = if with_lines { &[' ', '\n'] } else { &[' '] };
        self.rest = self.rest.trim_start_matches(blanks);
    }

    fn eat(&mut self, what: &str) -> bool {
        self.skip(false);
        let rest = self.rest.strip_prefix(what);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn word(&mut self) -> String {
        self.skip(false);
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        assert!(!word.is_empty() && !word.starts_with(|c: char| c.is_ascii_digit()), "{rest:.40}");
        word.to_owned()
    }

    fn value(&mut self) -> Value {
        self.skip(false);
        if self.eat("'''") {
            let (text, rest) = self.rest.split_once("'''").unwrap();
            self.rest = rest;
            assert!(!rest.starts_with('\''));
            return Value::from(text.strip_prefix('\n').unwrap_or(text));
        }
        if self.eat("'") {
            return Value::from(self.quoted());
        }
        if self.eat("[") {
            let mut items = Vec::new();
            self.skip(true);
            while !self.eat("]") {
                items.push(self.value());
                assert!(self.rest.starts_with('\n'), "{:.40}", self.rest);
                self.skip(true);
            }
            return Value::Array(items);
        }
        if self.eat("{") {
            let mut map = Map::new();
            self.skip(true);
            while !self.eat("}") {
                let name = if self.eat("'") { self.quoted() } else { self.word() };
                assert!(self.eat(":"), "{name}");
                let value = self.value();
                assert!(map.insert(name, value).is_none());
                assert!(self.rest.starts_with('\n'), "{:.40}", self.rest);
                self.skip(true);
            }
            return Value::Object(map);
        }
        let is_digit = |c: char| c == '-' || c.is_ascii_digit();
        let number = self.rest.find(|c| !is_digit(c)).unwrap_or(self.rest.len());
        if number > 0 {
            let (digits, rest) = self.rest.split_at(number);
            self.rest = rest;
            return Value::from(digits.parse::<i64>().unwrap());
        }
        match self.word().as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            name => Value::from(format!("={name}")),
        }
    }

    /// Reads a text up to its closing quote.
    fn quoted(&mut self) -> String {
        let mut text = String::new();
        let mut chars = self.rest.chars();
        loop {
            let char = chars.next().unwrap();
            match char {
                '\'' => break,
                '\n' => panic!("a line ends within a text"),
                '$' => assert!(!chars.as_str().starts_with('{'), "an expression begins"),
                '\\' => {
                    text.push(match chars.next().unwrap() {
                        'n' => '\n',
                        'r' => '\r',
                        't' => '\t',
                        'u' => {
                            let (code, rest) = chars.as_str().split_once('}').unwrap();
                            chars = rest.chars();
                            let code = code.strip_prefix('{').unwrap();
                            char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap()
                        }
                        same @ ('\\' | '\'' | '$') => same,
                        other => panic!("no escape: {other}"),
                    });
                    continue;
                }
                _ => {}
            }
            text.push(char);
        }
        self.rest = chars.as_str();
        text
    }
}
