//! Where each character of a scalar's value stands in its file.
//!
//! Value and source are aligned word by word. Only white space and escapes differ between them, in
//! whatever style the scalar is written, so no rule of folding or indentation is needed.

use granit_parser::ScalarStyle;
use kql_syntax::Span;

/// The way back from a scalar's value to the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    segments: Vec<Segment>,
    value_len: usize,
    file_len: usize,
    /// Where all of the value stands, if it is not there character by character.
    whole: Option<Span>,
}

/// Characters that stand side by side in the value and in the file, byte for byte but for the last
/// one, which may be an escape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Segment {
    in_value: usize,
    in_file: usize,
    end_in_file: usize,
}

/// A character of the source, as the value has it.
#[derive(Clone, Copy)]
struct Unit {
    at: usize,
    len: usize,
    /// What it stands for; `None` for a line break that an escape takes away.
    stands_for: Option<char>,
}

impl Places {
    /// Aligns a scalar's value with its source.
    ///
    /// - `start`: the byte offset of the scalar: of its `|`, its quote or its first character.
    ///
    /// Where the two do not agree, all that follows is taken to stand where the scalar starts.
    pub(crate) fn align(value: &str, file: &str, start: usize, style: ScalarStyle) -> Self {
        let units = units(file, start, style);
        let (value_len, file_len) = (value.len(), file.len());
        let mut places = Self { segments: Vec::new(), value_len, file_len, whole: None };
        let chars: Vec<(usize, char)> = value.char_indices().collect();
        let mut next = 0_usize;
        let mut rest = chars.as_slice();
        while let Some(((at, char), tail)) = rest.split_first() {
            let blank_units = units.iter().skip(next).take_while(|unit| unit.is_blank()).count();
            let past_blanks = next.saturating_add(blank_units);
            if is_blank(*char) {
                let count = rest.iter().take_while(|(_, char)| is_blank(*char)).count();
                let (blanks, after) = rest.split_at(count);
                places.align_blanks(blanks, units.get(next..past_blanks).unwrap_or_default());
                (rest, next) = (after, past_blanks);
                continue;
            }
            match units.get(past_blanks) {
                Some(unit) if unit.stands_for == Some(*char) => places.push(*at, *unit),
                _ => {
                    places.push(*at, Unit { at: start, len: 1, stands_for: None });
                    return places;
                }
            }
            (rest, next) = (tail, past_blanks.saturating_add(1));
        }
        places
    }

    /// Returns the way to a place that stands for the whole value, which an expression has made.
    pub(crate) fn computed(place: Span, file: &str) -> Self {
        Self { segments: Vec::new(), value_len: 0, file_len: file.len(), whole: Some(place) }
    }

    /// Aligns white space from its end, since what is left out is indentation before it.
    fn align_blanks(&mut self, blanks: &[(usize, char)], mut units: &[Unit]) {
        let mut aligned = Vec::with_capacity(blanks.len());
        for (at, char) in blanks.iter().rev() {
            let Some(found) = units.iter().rposition(|unit| unit.stands_for == Some(*char)) else {
                continue;
            };
            aligned.extend(units.get(found).map(|unit| (*at, *unit)));
            units = units.get(..found).unwrap_or_default();
        }
        for (at, unit) in aligned.into_iter().rev() {
            self.push(at, unit);
        }
    }

    fn push(&mut self, in_value: usize, unit: Unit) {
        let end_in_file = unit.at.saturating_add(unit.len);
        let continues = self.segments.last_mut().filter(|segment| {
            let passed = in_value.saturating_sub(segment.in_value);
            segment.end_in_file == unit.at && segment.in_file.saturating_add(passed) == unit.at
        });
        match continues {
            Some(segment) => segment.end_in_file = end_in_file,
            None => self.segments.push(Segment { in_value, in_file: unit.at, end_in_file }),
        }
    }

    /// Returns where a span of the value stands in the file.
    pub fn place(&self, span: Span) -> Span {
        if let Some(whole) = self.whole {
            return whole;
        }
        let start = self.start(span.start as usize);
        let end = if span.end > span.start { self.end(span.end as usize) } else { start };
        let narrow = |offset: usize| u32::try_from(offset.min(self.file_len)).unwrap_or(u32::MAX);
        Span::new(narrow(start), narrow(end.max(start)))
    }

    /// Returns the place in the value of a place in the file; `None` outside the value, and where the value
    /// does not stand in the file character by character.
    ///
    /// Of the indentation of a block's line, the place is the start of the line. A place behind the value
    /// is in it as long as only blanks are between the two, on a line that is indented as the value is: so a
    /// line that is about to be written belongs to the block above.
    pub fn offset_in_value(&self, file: &str, offset: u32) -> Option<u32> {
        let offset = offset as usize;
        let first = self.segments.first()?;
        let last = self.segments.last()?;
        if offset < first.in_file || !self.is_indented(file, first.in_file, offset) {
            return None;
        }
        // The last segment that begins before the offset, and the one that is next to it.
        let past = self.segments.partition_point(|segment| segment.in_file < offset);
        let before = past.checked_sub(1).and_then(|at| self.segments.get(at));
        let next = self.segments.get(past);
        let next_in_value = next.map_or(self.value_len, |next| next.in_value);
        let in_value = match before {
            Some(segment) if offset < segment.end_in_file => {
                let passed = offset.saturating_sub(segment.in_file);
                segment.in_value.saturating_add(passed).min(next_in_value)
            }
            Some(segment)
                if next.is_some_and(|it| behind_break(file, segment.end_in_file, offset, *it)) =>
            {
                next_in_value.saturating_add(1)
            }
            _ => next_in_value,
        };
        let behind = file.get(last.end_in_file..offset).unwrap_or_default();
        let is_near = behind.chars().all(is_blank);
        is_near.then_some(in_value).and_then(|it| u32::try_from(it).ok())
    }

    /// Tells whether an offset is on the line where the value starts, or as far to the right as its lines.
    fn is_indented(&self, file: &str, first: usize, offset: usize) -> bool {
        let column = |at: usize| at.saturating_sub(line_start(file, at));
        let indentation = self.segments.iter().map(|segment| column(segment.in_file)).min();
        line_start(file, offset) == line_start(file, first)
            || Self::is_flow(file, first)
            || indentation.is_none_or(|indentation| column(offset) >= indentation)
    }

    /// Tells whether the value stands between quotes, where indentation means nothing.
    fn is_flow(file: &str, first: usize) -> bool {
        file.get(..first).is_some_and(|before| before.ends_with(['"', '\'']))
    }

    fn start(&self, in_value: usize) -> usize {
        let past = self.segments.partition_point(|segment| segment.in_value <= in_value);
        let segment = past.checked_sub(1).and_then(|at| self.segments.get(at));
        segment.or(self.segments.first()).map_or(0, |segment| segment.at(in_value))
    }

    /// The end of a line is not the start of the next one, which may be far to the right.
    fn end(&self, in_value: usize) -> usize {
        let past = self.segments.partition_point(|segment| segment.in_value < in_value);
        let segment = past.checked_sub(1).and_then(|at| self.segments.get(at));
        let next = self.segments.get(past).map_or(self.value_len, |next| next.in_value);
        let is_whole = next == in_value;
        segment.map_or(0, |segment| {
            let end = if is_whole { segment.end_in_file } else { segment.at(in_value) };
            end.min(segment.end_in_file)
        })
    }
}

impl Segment {
    fn at(self, in_value: usize) -> usize {
        self.in_file.saturating_add(in_value.saturating_sub(self.in_value))
    }
}

impl Unit {
    fn is_blank(self) -> bool {
        self.stands_for.is_none_or(is_blank)
    }
}

/// Tells whether a line break of the value, of which several in the file are one, stands before an offset:
/// the one that it is aligned with is the last of them.
fn behind_break(file: &str, from: usize, offset: usize, next: Segment) -> bool {
    let passed = file.get(from..offset).is_some_and(|passed| passed.contains('\n'));
    passed && file.get(next.in_file..).is_some_and(|rest| rest.starts_with('\n'))
}

fn line_start(file: &str, at: usize) -> usize {
    let before = file.get(..at).unwrap_or_default();
    before.rfind('\n').map_or(0, |at| at.saturating_add(1))
}

fn is_blank(char: char) -> bool {
    matches!(char, ' ' | '\t' | '\n' | '\r')
}

/// Returns the characters of a scalar's source, escapes resolved.
fn units(file: &str, start: usize, style: ScalarStyle) -> Vec<Unit> {
    let source = file.get(start..).unwrap_or_default();
    let skipped = match style {
        ScalarStyle::Literal | ScalarStyle::Folded => header_len(source),
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => 1,
        ScalarStyle::Plain => 0,
    };
    let mut units = Vec::new();
    let mut at = start.saturating_add(skipped);
    while let Some(rest) = file.get(at..).filter(|rest| !rest.is_empty()) {
        let (unit, len) = match style {
            ScalarStyle::SingleQuoted if rest.starts_with("''") => (Some('\''), 2),
            ScalarStyle::SingleQuoted if rest.starts_with('\'') => break,
            ScalarStyle::DoubleQuoted if rest.starts_with('\\') => escape(rest),
            ScalarStyle::DoubleQuoted if rest.starts_with('"') => break,
            _ => (rest.chars().next(), rest.chars().next().map_or(1, char::len_utf8)),
        };
        units.push(Unit { at, len, stands_for: unit });
        at = at.saturating_add(len);
    }
    units
}

/// Returns the length of a block's header, `|2- # comment`, with its line break; none if the source
/// starts with the block's text.
pub(crate) fn header_len(source: &str) -> usize {
    let (line, len) = match source.split_once('\n') {
        Some((line, _)) => (line, line.len().saturating_add(1)),
        None => (source, source.len()),
    };
    let Some(header) = line.strip_prefix(['|', '>']) else { return 0 };
    let rest = header.trim_start_matches(|char: char| char.is_ascii_digit() || "+-".contains(char));
    let is_header = rest.trim_start().is_empty() || rest.trim_start().starts_with('#');
    if is_header { len } else { 0 }
}

/// Returns what an escape of a double-quoted scalar stands for, and its length in bytes.
fn escape(rest: &str) -> (Option<char>, usize) {
    let Some(kind) = rest.chars().nth(1) else { return (None, 1) };
    let simple = match kind {
        '0' => '\0',
        'a' => '\u{7}',
        'b' => '\u{8}',
        't' | '\t' => '\t',
        'n' => '\n',
        'v' => '\u{b}',
        'f' => '\u{c}',
        'r' => '\r',
        'e' => '\u{1b}',
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        'x' => return hexadecimal(rest, 2),
        'u' => return hexadecimal(rest, 4),
        'U' => return hexadecimal(rest, 8),
        '\n' => return (None, 2),
        '\r' => return (None, if rest.starts_with("\\\r\n") { 3 } else { 2 }),
        other => other,
    };
    (Some(simple), 1_usize.saturating_add(kind.len_utf8()))
}

fn hexadecimal(rest: &str, digits: usize) -> (Option<char>, usize) {
    let end = digits.saturating_add(2);
    let unit = |at: usize| {
        let digits = rest.get(at..at.saturating_add(digits))?;
        u32::from_str_radix(digits, 16).ok()
    };
    let value = unit(2);
    // JSON writes what is beyond the first plane as two units of UTF-16.
    if let Some(high) = value.and_then(|unit| u16::try_from(unit).ok())
        && digits == 4
        && rest.get(end..).is_some_and(|rest| rest.starts_with("\\u"))
        && let Some(low) = unit(8).and_then(|unit| u16::try_from(unit).ok())
        && let Some(Ok(char)) = char::decode_utf16([high, low]).next()
        && (0xd800..0xdc00).contains(&high)
    {
        return (Some(char), 12);
    }
    (value.and_then(char::from_u32), end)
}
