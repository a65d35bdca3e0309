//! A reader of the XML that the `evtx` crate writes: elements, attributes, text, entities.

/// An element of an event's XML.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) children: Vec<Element>,
    /// The text directly within the element, pieces joined.
    pub(crate) text: String,
}

impl Element {
    /// Returns the first child of that name.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// Returns the attribute of that name.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

/// Reads a document and returns its root element, `None` if it is not well formed.
pub(crate) fn parse(document: &str) -> Option<Element> {
    let mut rest = document;
    let mut open: Vec<Element> = Vec::new();
    while let Some((text, tag)) = rest.split_once('<') {
        if let Some(element) = open.last_mut() {
            unescape(text, &mut element.text);
        }
        let (tag, after) = tag.split_once('>')?;
        rest = after;
        if tag.starts_with(['?', '!']) {
            continue;
        }
        let closed = if tag.starts_with('/') {
            open.pop()
        } else if let Some(tag) = tag.strip_suffix('/') {
            Some(start_tag(tag)?)
        } else {
            open.push(start_tag(tag)?);
            None
        };
        match (closed, open.last_mut()) {
            (Some(element), Some(parent)) => parent.children.push(element),
            (Some(root), None) => return Some(root),
            (None, _) => {}
        }
    }
    None
}

fn start_tag(tag: &str) -> Option<Element> {
    let (name, mut rest) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
    let mut element = Element { name: name.to_owned(), ..Element::default() };
    while let Some((name, after)) = rest.split_once('=') {
        let quote = after.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        let (value, after) = after.strip_prefix(quote)?.split_once(quote)?;
        let mut text = String::new();
        unescape(value, &mut text);
        element.attributes.push((name.trim().to_owned(), text));
        rest = after;
    }
    Some(element)
}

/// Appends text with its entities resolved; an unknown one stays as it is.
fn unescape(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some((plain, after)) = rest.split_once('&') {
        out.push_str(plain);
        let entity = after.split_once(';').and_then(|(name, after)| Some((entity(name)?, after)));
        rest = if let Some((char, after)) = entity {
            out.push(char);
            after
        } else {
            out.push('&');
            after
        };
    }
    out.push_str(rest);
}

fn entity(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    })
}
