//! One event's XML into its tree where it is not well formed.
//!
//! Programs put file names, command lines and pages into values without escaping them. What is no
//! markup there is text: a `<` that starts no tag, a tag that nothing closes before the value ends, an
//! `&` that starts no entity. Each costs its own value at most, and is told.

use std::rc::Rc;

use quick_xml::escape::resolve_predefined_entity;
use windows_event_model::Element;

use super::MAX_DEPTH;

/// What is not well formed in an event, and its offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) offset: usize,
    pub(crate) what: &'static str,
}

/// Reads an event as well as it can be.
///
/// # Errors
///
/// What should have been there, and the offset where it is not.
pub(crate) fn event(text: &str) -> Result<(Element, Vec<Fault>), (usize, &'static str)> {
    let mut repair = Repair { text, at: 0, open: Vec::new(), faults: Vec::new() };
    loop {
        let rest = text.get(repair.at..).unwrap_or_default();
        let Some(len) = rest.find('<') else { return Err((text.len(), "`</Event>`")) };
        repair.take_text(len);
        if let Some(root) = repair.markup()? {
            return Ok((root, repair.faults));
        }
    }
}

/// An element that has not ended, and where it starts.
struct Open {
    element: Element,
    start: usize,
}

struct Repair<'t> {
    text: &'t str,
    at: usize,
    open: Vec<Open>,
    faults: Vec<Fault>,
}

/// A start tag.
struct Tag {
    element: Element,
    is_empty: bool,
    len: usize,
}

impl Repair<'_> {
    fn fault(&mut self, offset: usize, what: &'static str) {
        self.faults.push(Fault { offset, what });
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Takes the next `len` bytes as text of the innermost element.
    fn take_text(&mut self, len: usize) {
        let end = self.at.saturating_add(len);
        let piece = self.text.get(self.at..end).unwrap_or_default();
        let mut faults = Vec::new();
        if let Some(open) = self.open.last_mut() {
            unescape(piece, self.at, &mut open.element.text, &mut faults);
        }
        self.faults.append(&mut faults);
        self.at = end;
    }

    /// Takes what starts with the `<` here; returns the root when it ends.
    fn markup(&mut self) -> Result<Option<Element>, (usize, &'static str)> {
        let rest = self.rest();
        let behind = |mark: &str| rest.find(mark).map(|at| at.saturating_add(mark.len()));
        if rest.starts_with("<!--") || rest.starts_with("<?") {
            let end = behind(if rest.starts_with("<?") { "?>" } else { "-->" });
            return Ok(self.skip(end, "a comment without an end"));
        }
        if let Some(content) = rest.strip_prefix("<![CDATA[") {
            let found = content.find("]]>").and_then(|len| content.get(..len)).map(str::to_owned);
            let end = behind("]]>");
            if let (Some(open), Some(found)) = (self.open.last_mut(), found) {
                open.element.text.push_str(&found);
            }
            return Ok(self.skip(end, "a `<![CDATA[` without an end"));
        }
        if let Some((name, len)) = end_tag(rest) {
            let name = name.to_owned();
            return Ok(self.end(&name, len));
        }
        let mut faults = Vec::new();
        let Some(tag) = start_tag(rest, self.at, &mut faults) else {
            return Ok(self.skip(None, "`<` that starts no tag"));
        };
        self.faults.append(&mut faults);
        if self.open.len() >= MAX_DEPTH {
            return Err((self.at, "less nesting"));
        }
        self.start(tag);
        Ok(None)
    }

    /// Goes on behind some markup; without an end, its `<` is text.
    fn skip(&mut self, len: Option<usize>, what: &'static str) -> Option<Element> {
        if len.is_none() {
            self.fault(self.at, what);
            if let Some(open) = self.open.last_mut() {
                open.element.text.push('<');
            }
        }
        self.at = self.at.saturating_add(len.unwrap_or(1));
        None
    }

    fn start(&mut self, tag: Tag) {
        // `Data` does not stand in `Data`: the one before has lost its end.
        if self.is_field(self.open.len().saturating_sub(1))
            && self.open.last().is_some_and(|it| &*it.element.name == "Data")
            && &*tag.element.name == "Data"
        {
            self.close_innermost();
        }
        let start = self.at;
        self.at = self.at.saturating_add(tag.len);
        if !tag.is_empty {
            self.open.push(Open { element: tag.element, start });
        } else if let Some(parent) = self.open.last_mut() {
            parent.element.children.push(tag.element);
        }
    }

    /// Tells whether the open element of that index is a field, or holds fields.
    fn is_field(&self, index: usize) -> bool {
        let section = self.open.get(1).map(|section| &*section.element.name);
        index <= if section == Some("UserData") { 3 } else { 2 }
    }

    fn end(&mut self, name: &str, len: usize) -> Option<Element> {
        let Some(index) = self.open.iter().rposition(|open| &*open.element.name == name) else {
            self.fault(self.at, "an end tag without a start tag");
            self.take_text(len);
            return None;
        };
        while self.open.len() > index.saturating_add(1) {
            self.close_innermost();
        }
        self.at = self.at.saturating_add(len);
        let mut element = self.open.pop()?.element;
        if !element.children.is_empty() && element.text.trim().is_empty() {
            element.text.clear();
        }
        match self.open.last_mut() {
            Some(parent) => parent.element.children.push(element),
            None => return Some(element),
        }
        None
    }

    /// Ends the innermost element, whose end tag is not there. A field is one all the same; anything
    /// within a field is text of it.
    fn close_innermost(&mut self) {
        let Some(Open { mut element, start }) = self.open.pop() else { return };
        self.fault(start, "an element without an end tag");
        let index = self.open.len();
        let is_field = self.is_field(index);
        // What has come into a field for want of the end tag is its sibling.
        let holds_siblings = match self.open.get(1).map(|section| &*section.element.name) {
            Some("System") => true,
            Some("UserData") => index > 2,
            _ => false,
        };
        let source = self.text.get(start..self.at).unwrap_or_default();
        let Some(parent) = self.open.last_mut() else { return };
        if is_field {
            let siblings =
                if holds_siblings { std::mem::take(&mut element.children) } else { Vec::new() };
            parent.element.children.push(element);
            parent.element.children.extend(siblings);
        } else {
            unescape(source, start, &mut parent.element.text, &mut Vec::new());
        }
    }
}

/// Appends text with its entities resolved; what is none stays as it is, and is told.
fn unescape(text: &str, offset: usize, out: &mut String, faults: &mut Vec<Fault>) {
    let mut rest = text;
    while let Some((plain, behind)) = rest.split_once('&') {
        out.push_str(plain);
        let at = offset.saturating_add(text.len()).saturating_sub(behind.len()).saturating_sub(1);
        let name = behind.split_once(';').map(|(name, _)| name).filter(|name| name.len() <= 10);
        let is_number = name.is_some_and(|name| name.starts_with('#'));
        if let Some(char) = name.and_then(entity) {
            out.push_str(&char);
            rest = behind.split_once(';').map_or("", |(_, rest)| rest);
        } else {
            out.push('&');
            rest = behind;
            let what = if is_number {
                "a number in the place of a character that is none"
            } else {
                "`&` that starts no entity"
            };
            faults.push(Fault { offset: at, what });
        }
    }
    out.push_str(rest);
}

/// Returns what an entity or a numbered character stands for.
fn entity(name: &str) -> Option<String> {
    let Some(number) = name.strip_prefix('#') else {
        return resolve_predefined_entity(name).map(str::to_owned);
    };
    let code = match number.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
        None => number.parse().ok()?,
    };
    char::from_u32(code).filter(|char| *char != '\0').map(String::from)
}

/// Reads an end tag: the name without its prefix, and the length of the tag.
fn end_tag(text: &str) -> Option<(&str, usize)> {
    let (inner, _) = text.strip_prefix("</")?.split_once('>')?;
    let name = inner.trim_end();
    let is_name = !name.is_empty() && name_len(name) == name.len();
    is_name.then(|| (local(name), inner.len().saturating_add(3)))
}

/// Reads a start tag; `None` if none is here.
fn start_tag(text: &str, offset: usize, faults: &mut Vec<Fault>) -> Option<Tag> {
    let behind = text.strip_prefix('<')?;
    let (name, mut rest) = behind.split_at_checked(name_len(behind))?;
    if !name.starts_with(|first: char| first.is_alphabetic() || first == '_') {
        return None;
    }
    let mut attributes: Vec<(Rc<str>, String)> = Vec::new();
    let here = |rest: &str| offset.saturating_add(text.len().saturating_sub(rest.len()));
    loop {
        let next = rest.trim_start();
        for (end, is_empty) in [(">", false), ("/>", true)] {
            if let Some(behind) = next.strip_prefix(end) {
                let element =
                    Element { name: local(name).into(), attributes, ..Element::default() };
                return Some(Tag {
                    element,
                    is_empty,
                    len: text.len().saturating_sub(behind.len()),
                });
            }
        }
        let (key, behind) = next.split_at_checked(name_len(next))?;
        if key.is_empty() || next.len() == rest.len() {
            return None;
        }
        let value = behind.trim_start().strip_prefix('=')?.trim_start();
        let quote = value.chars().next().filter(|char| matches!(char, '"' | '\''));
        let (value, behind) = if let Some(quote) = quote {
            let (value, behind) = quoted(value.strip_prefix(quote)?, quote)?;
            if value.contains(quote) {
                faults.push(Fault { offset: here(next), what: "a quote within an attribute" });
            }
            (value, behind)
        } else {
            faults.push(Fault { offset: here(next), what: "an attribute without quotes" });
            let len = value.find(|char: char| char.is_whitespace() || char == '>')?;
            value.split_at_checked(len)?
        };
        let mut text = String::new();
        unescape(value, here(next), &mut text, faults);
        let is_declaration = key == "xmlns" || key.starts_with("xmlns:");
        if attributes.iter().any(|(known, _)| **known == *local(key)) {
            faults.push(Fault { offset: here(next), what: "an attribute that is there twice" });
        } else if !is_declaration {
            attributes.push((local(key).into(), text));
        }
        rest = behind;
    }
}

/// Returns an attribute's value and what follows its quote: the first one that may end it.
fn quoted(text: &str, quote: char) -> Option<(&str, &str)> {
    text.match_indices(quote).find_map(|(at, _)| {
        let (value, behind) = text.split_at_checked(at)?;
        let behind = behind.strip_prefix(quote)?;
        let next = behind.trim_start();
        let is_attribute = next.len() < behind.len() && {
            let len = name_len(next);
            len > 0 && next.get(len..).is_some_and(|rest| rest.trim_start().starts_with('='))
        };
        let ends = next.starts_with('>') || next.starts_with("/>") || is_attribute;
        ends.then_some((value, behind))
    })
}

/// Returns the length of the name that a text starts with.
fn name_len(text: &str) -> usize {
    let is_name = |char: char| char.is_alphanumeric() || matches!(char, '_' | '-' | '.' | ':');
    text.find(|char| !is_name(char)).unwrap_or(text.len())
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the elements with their texts, and what was told.
    fn read(section: &str) -> (String, Vec<&'static str>) {
        fn show(element: &Element, out: &mut String) {
            out.push_str(element.attribute("Name").unwrap_or(&element.name));
            out.push('=');
            out.push_str(&element.text);
            out.push('(');
            element.children.iter().for_each(|child| show(child, out));
            out.push(')');
        }
        let (root, faults) = event(&format!("<Event xmlns='u'>{section}</Event>")).unwrap();
        let mut out = String::new();
        root.children.iter().for_each(|child| show(child, &mut out));
        (out, faults.into_iter().map(|fault| fault.what).collect())
    }

    #[test]
    fn values_keep_what_is_no_markup() {
        for (value, expected, faults) in [
            ("a & b &amp; c &lt", "a & b & c &lt", 2),
            ("1 < 2 <3 </ >", "1 < 2 <3 </ >", 3),
            ("if a<b then <script src='x'>go", "if a<b then <script src='x'>go", 2),
            ("<b>bold", "<b>bold", 1),
            ("x</i>y", "x</i>y", 1),
            ("&#0;&#xd800;&#65;&x;", "&#0;&#xd800;A&x;", 3),
            ("<![CDATA[<&>", "<![CDATA[<&>", 3),
            ("<!-- a", "<!-- a", 1),
            ("\u{1}\u{b}", "\u{1}\u{b}", 0),
        ] {
            let (found, told) = read(&format!(
                "<EventData><Data Name='A'>{value}</Data><Data Name='B'>2</Data></EventData>"
            ));
            assert_eq!(found, format!("EventData=(A={expected}()B=2())"), "{value}");
            assert_eq!(told.len(), faults, "{value}: {told:?}");
        }
    }

    #[test]
    fn elements_without_an_end_keep_to_themselves() {
        let (found, told) = read(
            "<System><A>1<B>2</B></System><EventData><Data Name='C'>3<Data Name='D'>4</EventData>",
        );
        assert_eq!(found, "System=(A=1()B=2())EventData=(C=3()D=4())");
        assert_eq!(told, ["an element without an end tag"; 3]);
        let (found, _) = read("<UserData><W><A>1 <x>2</A><B>3</B></UserData>");
        assert_eq!(found, "UserData=(W=(A=1 <x>2()B=3()))");
        let (found, _) = read("<EventData><Data Name='A'>1</Data>");
        assert_eq!(found, "EventData=(A=1())");
    }

    #[test]
    fn attributes_may_have_quotes_in_them_or_none() {
        let (found, told) = read("<Data Name=\"a \"b\" c\" x='1'/><Data Name=d Name='e'>f</Data>");
        assert_eq!(found, "a \"b\" c=()d=f()");
        assert_eq!(
            told,
            [
                "a quote within an attribute",
                "an attribute without quotes",
                "an attribute that is there twice"
            ]
        );
    }

    #[test]
    fn what_does_not_end_is_no_event() {
        assert_eq!(event("<Event><System>").unwrap_err().1, "`</Event>`");
        let deep = format!("<Event>{}", "<a>".repeat(MAX_DEPTH));
        assert_eq!(event(&deep).unwrap_err().1, "less nesting");
    }

    #[test]
    fn faults_have_their_place() {
        let text = "<Event><Data>é & b</Data></Event>";
        let (_, faults) = event(text).unwrap();
        assert_eq!(text.get(faults[0].offset..), Some("& b</Data></Event>"));
    }
}
