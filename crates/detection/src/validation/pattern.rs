//! Forms of values: text with `*` for any text and placeholders, as regular expressions of KQL.

use super::binding::Variable;

/// A form of a value as a regular expression, with the placeholders that its groups capture, in order.
pub(super) struct Form {
    pub(super) regex: String,
    pub(super) captures: Vec<Variable>,
}

impl Form {
    /// Translates a form; the error is a placeholder that nobody knows.
    pub(super) fn parse(form: &str) -> Result<Self, String> {
        let mut regex = String::from("(?is)^");
        let mut captures = Vec::new();
        let mut rest = form;
        while let Some(next) = rest.chars().next() {
            if let Some((name, behind)) = placeholder(rest) {
                let variable = Variable::of_name(name).ok_or_else(|| {
                    format!("`{{{name}}}` in `{form}` is not {}", Variable::EXPECTED)
                })?;
                regex.push_str(variable.group());
                captures.push(variable);
                rest = behind;
                continue;
            }
            match next {
                '*' => regex.push_str(".*"),
                _ => push_escaped(next, &mut regex),
            }
            rest = rest.get(next.len_utf8()..).unwrap_or_default();
        }
        regex.push('$');
        Ok(Self { regex, captures })
    }

    /// Returns it as a string of KQL.
    pub(super) fn literal(&self) -> String {
        format!("@\"{}\"", self.regex.replace('"', "\"\""))
    }
}

/// Splits `{name}` from the start of a text.
fn placeholder(text: &str) -> Option<(&str, &str)> {
    let (name, behind) = text.strip_prefix('{')?.split_once('}')?;
    name.chars().all(|c| c.is_ascii_lowercase() || c == '_').then_some((name, behind))
}

fn push_escaped(c: char, regex: &mut String) {
    if r"\.+?()|[]{}^$#&-~".contains(c) {
        regex.push('\\');
    }
    regex.push(c);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_become_expressions() {
        let form = Form::parse(r"* use *\\{target}\C$*").unwrap();
        assert_eq!(form.captures, [Variable::Target]);
        assert!(form.regex.starts_with(r"(?is)^.* use .*\\\\("), "{}", form.regex);
        assert!(form.regex.ends_with(r")\\C\$.*$"), "{}", form.regex);
        assert!(Form::parse("{nobody}").err().unwrap().contains("`{nobody}`"));
    }

    #[test]
    fn braces_that_are_no_placeholder_stay() {
        assert_eq!(Form::parse("a{1}b").unwrap().regex, r"(?is)^a\{1\}b$");
    }
}
