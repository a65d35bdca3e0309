//! A look into one JSON object without a plan: for recognising shapes, not for reading rows.

use std::borrow::Cow;

use super::{
    cursor::{Cursor, JsonError},
    members::members,
    text::unescape,
};

/// One JSON object, by its text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Probe<'a> {
    text: &'a str,
}

impl<'a> Probe<'a> {
    /// Returns a probe of `text` if it is one well-formed object.
    pub(crate) fn new(text: &'a str) -> Option<Self> {
        let mut cursor = Cursor::new(text);
        let object = (cursor.peek() == Some(b'{')).then(|| cursor.value().ok()).flatten()?;
        cursor.peek().is_none().then_some(Self { text: object })
    }

    /// Returns the object's text.
    pub(crate) const fn as_str(self) -> &'a str {
        self.text
    }

    /// Returns why `text` is not one well-formed object.
    pub(crate) fn error_of(text: &str) -> JsonError {
        let mut cursor = Cursor::new(text);
        if cursor.peek() != Some(b'{') {
            return cursor.error("`{`");
        }
        match cursor.value() {
            Err(error) => error,
            Ok(_) => cursor.error("the end of the record"),
        }
    }

    /// Yields the members in order: key, decoded, and the value's text.
    pub(crate) fn members(self) -> impl Iterator<Item = (Cow<'a, str>, &'a str)> {
        members(self.text)
    }

    /// Returns the text of the value at a path of keys.
    pub(crate) fn get(self, path: &[&str]) -> Option<&'a str> {
        let (key, deeper) = path.split_first()?;
        let (_, value) = self.members().find(|(found, _)| found == key)?;
        if deeper.is_empty() { Some(value) } else { Self::new(value)?.get(deeper) }
    }

    /// Returns the string at a path of keys, decoded; `None` if something else is there.
    pub(crate) fn text(self, path: &[&str]) -> Option<Cow<'a, str>> {
        Some(unescape(self.get(path)?.strip_prefix('"')?.strip_suffix('"')?))
    }

    /// Tells whether there is a value at a path of keys, null included.
    pub(crate) fn has(self, path: &[&str]) -> bool {
        self.get(path).is_some()
    }

    /// Returns the object at a path of keys.
    pub(crate) fn object(self, path: &[&str]) -> Option<Self> {
        Self::new(self.get(path)?)
    }

    /// Returns the keys in order.
    pub(crate) fn keys(self) -> Vec<String> {
        self.members().map(|(key, _)| key.into_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_members() {
        let probe = Probe::new(r#" {"a":{"b":"x\ny"}, "c":[1],"d":null} "#).unwrap();
        assert_eq!(probe.keys(), ["a", "c", "d"]);
        assert_eq!(probe.text(&["a", "b"]).unwrap(), "x\ny");
        assert_eq!(probe.get(&["c"]), Some("[1]"));
        assert!(probe.has(&["d"]) && !probe.has(&["a", "x"]) && !probe.has(&["c", "x"]));
        assert!(probe.text(&["c"]).is_none());
    }

    #[test]
    fn is_only_for_whole_objects() {
        for text in ["", "[]", "{", "{}{}", "1", r#"{"a"}"#] {
            assert!(Probe::new(text).is_none(), "{text}");
        }
        assert!(Probe::new("{}").unwrap().keys().is_empty());
    }
}
