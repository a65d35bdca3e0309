//! The data of an event out of the message that Windows makes of it.
//!
//! A message is a title, sections of labelled values and an explanation, in the language of Windows. The
//! labels differ from language to language; how many sections there are, how many values each has and in
//! which order does not, and so values are named by their place. A message whose sections do not have
//! the numbers that the event's template has gives nothing, and the caller says so.

use std::borrow::Cow;

use super::{
    fields::Field,
    sentences::SENTENCES,
    templates::{Template, templates},
};

/// What a message gave.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// The fields, and the names of those whose value is in words that stand for a code.
    Fields(Vec<Field>, Vec<&'static str>),
    /// The event's template is not known.
    UnknownEvent,
    /// The message is not of the form that the event's template has.
    OtherForm,
}

/// Reads the message of an event.
pub(super) fn read(provider: &str, id: &str, message: &str) -> Reading {
    let sentence = SENTENCES.iter().filter(|it| it.is_of(provider, id));
    let (mut is_known, mut fields) = (false, None);
    for sentence in sentence {
        is_known = true;
        fields = fields.or_else(|| sentence.read(message));
    }
    if let Some(fields) = fields {
        return Reading::Fields(fields, Vec::new());
    }
    let (groups, explanation) = groups(message);
    let mut best: Option<(&Template, usize)> = None;
    for template in templates(provider, id) {
        is_known = true;
        if template.fits(&groups, explanation)
            && best.is_none_or(|(_, len)| template.groups.len() > len)
        {
            best = Some((template, template.groups.len()));
        }
    }
    match best {
        Some((template, _)) => template.fields(&groups),
        None if is_known => Reading::OtherForm,
        None => Reading::UnknownEvent,
    }
}

/// A section of a message, or a value that stands by itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Group<'m> {
    /// What stands behind the title, and the lines that have no label.
    text: Vec<&'m str>,
    /// The values that have a label.
    values: Vec<Vec<&'m str>>,
    /// All lines behind the title, labels included.
    lines: Vec<&'m str>,
}

impl Group<'_> {
    /// Returns how many values it has.
    pub(super) fn len(&self) -> usize {
        self.values.len().max(1)
    }

    /// Tells whether there is a labelled value in it that says something.
    fn has_values(&self) -> bool {
        self.values.iter().any(|value| value.iter().any(|line| !line.trim().is_empty()))
    }

    /// Tells whether something stands behind the title.
    fn has_text(&self) -> bool {
        self.text.first().is_some_and(|text| !text.trim().is_empty())
    }

    /// Returns a value.
    pub(super) fn value(&self, place: usize) -> String {
        joined(self.values.get(place).unwrap_or(&self.text))
    }

    /// Returns everything that stands in it.
    pub(super) fn whole(&self) -> String {
        let title = self.text.first().into_iter();
        joined(&title.chain(&self.lines).copied().collect::<Vec<_>>())
    }
}

fn joined(lines: &[&str]) -> String {
    // A blank at the end may be part of the value: Windows writes `NtLmSsp ` into its logons.
    lines.join("\n").trim_start().trim_end_matches(['\n', '\t', '\r']).to_owned()
}

impl Template {
    /// Tells whether a message has the sections of the template, and none with values behind them.
    ///
    /// A value may have breaks in it: what is one line too many, or a paragraph more than Windows
    /// explains an event in, belongs to a value, and nothing tells to which.
    ///
    /// - `explanation`: how many paragraphs without labels there are.
    fn fits(&self, groups: &[Group<'_>], explanation: usize) -> bool {
        let Some((its_own, behind)) = groups.split_at_checked(self.groups.len()) else {
            return false;
        };
        let are_lines = self.groups.iter().all(|names| names.len() == 1);
        let last = self.groups.last().and_then(|names| names.last());
        let is_too_long =
            ENDS.iter().any(|(name, paragraphs)| Some(name) == last && explanation > *paragraphs);
        if is_too_long || are_lines && !behind.is_empty() {
            return false;
        }
        let fit = self.groups.iter().zip(its_own).all(|(names, group)| match names {
            [only] if only.starts_with('*') => true,
            names => names.len() == group.len(),
        });
        fit && !behind.iter().any(|group| group.has_values() || group.has_text())
    }

    fn fields(&self, groups: &[Group<'_>]) -> Reading {
        let mut fields: Vec<Field> = Vec::new();
        for (names, group) in self.groups.iter().zip(groups) {
            for (place, name) in names.iter().enumerate() {
                if let Some(name) = name.strip_prefix('*') {
                    fields.push((name, group.whole()));
                } else if let Some(name) = name.strip_prefix('>') {
                    let value = group.value(place);
                    fields.push((name, value.rsplit('\t').next().unwrap_or_default().to_owned()));
                } else if let Some((first, last)) = name.split_once('/') {
                    let value = group.value(place);
                    let mut numbers = value
                        .split(|char: char| !char.is_ascii_digit())
                        .filter(|number| !number.is_empty());
                    let (Some(one), Some(other), None) =
                        (numbers.next(), numbers.next(), numbers.next())
                    else {
                        return Reading::OtherForm;
                    };
                    fields.extend([(first, one.to_owned()), (last, other.to_owned())]);
                } else if *name != "_" {
                    fields.push((name, group.value(place)));
                }
            }
        }
        coded(fields)
    }
}

/// Gives values the form that they have in the event: hexadecimal numbers in lower case, codes for the
/// words that Windows puts in their place.
fn coded(fields: Vec<Field>) -> Reading {
    let text = |wanted: &str| {
        let field = fields.iter().find(|(name, _)| name.trim_start_matches(['#', '%']) == wanted);
        field.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let (object_type, mask) = (text("ObjectType"), text("AccessMask"));
    let mut in_words = Vec::new();
    let mut read = Vec::with_capacity(fields.len());
    for (name, value) in fields {
        if let Some(name) = name.strip_prefix('#') {
            read.push((name, value.to_ascii_lowercase()));
        } else if let Some(name) = name.strip_prefix('%') {
            let code = match name {
                "AccessList" if object_type == "File" => rights(&mask),
                _ => code(name, &value).map(Cow::into_owned),
            };
            if code.is_none() {
                in_words.push(name);
            }
            read.push((name, code.unwrap_or(value)));
        } else {
            read.push((name, value));
        }
    }
    Reading::Fields(read, in_words)
}

/// Returns the code that a value stands for, `None` if it is not known.
fn code<'v>(name: &str, value: &'v str) -> Option<Cow<'v, str>> {
    if value.is_empty() || value == "-" || value.starts_with("%%") {
        return Some(Cow::Borrowed(value));
    }
    if name == "TokenElevationType" {
        let number = value.strip_suffix(')')?.rsplit('(').next()?;
        return Some(Cow::Borrowed(match number {
            "1" => "%%1936",
            "2" => "%%1937",
            "3" => "%%1938",
            _ => return None,
        }));
    }
    let is_time = matches!(name, "PasswordLastSet" | "AccountExpires") && !value.starts_with('<');
    if is_time {
        return Some(Cow::Borrowed(value));
    }
    let is_it = |(of, words, _): &&(&str, &[&str], &str)| {
        of.split(' ').any(|of| of == name)
            && words.iter().any(|word| word.eq_ignore_ascii_case(value))
    };
    CODES.iter().find(is_it).map(|(_, _, code)| Cow::Borrowed(*code))
}

/// What stands in messages for the codes of an event, by field.
///
/// Source: the events' pages of Microsoft's "Advanced security audit policy settings", which give codes
/// and words side by side.
const CODES: &[(&str, &[&str], &str)] = &[
    ("VirtualAccount ElevatedToken RestrictedAdminMode", YES, "%%1842"),
    ("VirtualAccount ElevatedToken RestrictedAdminMode", NO, "%%1843"),
    ("ImpersonationLevel", &["Identification", "Identifikation", "Identificación"], "%%1832"),
    (
        "ImpersonationLevel",
        &[
            "Impersonation",
            "Identitätswechsel",
            "Emprunt d’identité",
            "Suplantación",
            "偽装",
            "模拟",
        ],
        "%%1833",
    ),
    (
        "ImpersonationLevel",
        &["Delegation", "Delegierung", "Délégation", "Delegación", "委任"],
        "%%1840",
    ),
    ("FailureReason", &["Unknown user name or bad password."], "%%2313"),
    ("FailureReason", &["Account currently disabled."], "%%2310"),
    ("FailureReason", &["Account locked out."], "%%2307"),
    ("FailureReason", &["An Error occured during Logon."], "%%2304"),
    ("Direction", &["Inbound", "Eingehend", "Entrant", "Entrante"], "%%14592"),
    ("Direction", &["Outbound", "Ausgehend", "Sortant", "Saliente"], "%%14593"),
    ("PasswordLastSet AccountExpires", &["<never>", "<nie>", "<jamais>", "<nunca>"], "%%1794"),
    ("LogonHours", &["<value not set>"], "%%1793"),
    ("LogonHours", &["All"], "%%1797"),
    ("OperationType", &["New registry value created"], "%%1904"),
    ("OperationType", &["Existing registry value modified"], "%%1905"),
    ("OperationType", &["Registry value deleted"], "%%1906"),
    ("OldValueType NewValueType", &["REG_NONE"], "%%1872"),
    ("OldValueType NewValueType", &["REG_SZ"], "%%1873"),
    ("OldValueType NewValueType", &["REG_EXPAND_SZ"], "%%1874"),
    ("OldValueType NewValueType", &["REG_BINARY"], "%%1875"),
    ("OldValueType NewValueType", &["REG_DWORD"], "%%1876"),
    ("OldValueType NewValueType", &["REG_MULTI_SZ"], "%%1879"),
    ("OldValueType NewValueType", &["REG_QWORD"], "%%1883"),
    ("LayerName", &["Resource Assignment"], "%%14608"),
    ("LayerName", &["Listen"], "%%14609"),
    ("LayerName", &["Receive/Accept"], "%%14610"),
    ("LayerName", &["Connect"], "%%14611"),
];

/// Fields that end a message and may have any text in them, with the paragraphs that explain the event
/// behind them: of a process, what the three types of its token are.
const ENDS: &[(&str, usize)] = &[("CommandLine", 4), ("NewValue", 0)];

/// How Windows says yes and no.
const YES: &[&str] = &[
    "Yes", "Ja", "Oui", "Sí", "Sì", "Sim", "Tak", "Ano", "Да", "Evet", "はい", "是", "예", "Kyllä",
    "Igen",
];
const NO: &[&str] = &[
    "No",
    "Nein",
    "Non",
    "Não",
    "Nie",
    "Ne",
    "Нет",
    "Hayır",
    "いいえ",
    "否",
    "아니요",
    "Nee",
    "Nej",
    "Nei",
    "Ei",
    "Nem",
];

/// The rights to a file, by bit, in the order in which events list them.
///
/// Source: <https://learn.microsoft.com/previous-versions/windows/it-pro/windows-10/security/threat-protection/auditing/event-5145>
const RIGHTS: &[(u32, &str)] = &[
    (0x1_0000, "%%1537"),
    (0x2_0000, "%%1538"),
    (0x4_0000, "%%1539"),
    (0x8_0000, "%%1540"),
    (0x10_0000, "%%1541"),
    (0x100_0000, "%%1542"),
    (0x1, "%%4416"),
    (0x2, "%%4417"),
    (0x4, "%%4418"),
    (0x8, "%%4419"),
    (0x10, "%%4420"),
    (0x20, "%%4421"),
    (0x40, "%%4422"),
    (0x80, "%%4423"),
    (0x100, "%%4424"),
];

/// Returns the list of rights that a mask is, as the event has it; `None` if it has bits without a name.
fn rights(mask: &str) -> Option<String> {
    let mask = u32::from_str_radix(mask.to_ascii_lowercase().strip_prefix("0x")?, 16).ok()?;
    let named = RIGHTS.iter().fold(0, |named, (bit, _)| named | bit);
    if mask & !named != 0 {
        return None;
    }
    let rights = RIGHTS.iter().filter(|(bit, _)| mask & bit != 0);
    Some(rights.flat_map(|(_, code)| [*code, "\n\t\t\t\t"]).collect())
}

/// Splits a message into sections; also returns how many paragraphs there are without a label.
pub(super) fn groups(message: &str) -> (Vec<Group<'_>>, usize) {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut paragraphs = 0_usize;
    let mut is_prose = true;
    let mut is_new = true;
    for line in message.lines().skip(1) {
        if line.trim().is_empty() {
            // An explanation, if what follows has no label.
            is_prose = true;
            is_new = true;
            continue;
        }
        let starts = std::mem::take(&mut is_new);
        let is_indented = line.starts_with([' ', '\t']);
        match (labelled(line), groups.last_mut()) {
            (Some(value), Some(group)) if is_indented => {
                group.values.push(vec![value]);
                group.lines.push(line);
                is_prose = false;
            }
            (Some(value), _) => {
                groups.push(Group { text: vec![value], ..Group::default() });
                is_prose = false;
            }
            (None, Some(group)) if !is_prose || is_indented => {
                group.lines.push(line);
                group.values.last_mut().unwrap_or(&mut group.text).push(line);
            }
            (None, _) => paragraphs = paragraphs.saturating_add(usize::from(starts)),
        }
    }
    (groups, paragraphs)
}

/// Returns the value behind a label: the label ends in a colon with a tab, two blanks or nothing behind.
fn labelled(line: &str) -> Option<&str> {
    /// Characters that a label may have.
    const MAX_LABEL_CHARS: usize = 80;
    let line = line.trim_start();
    let mut from = 0_usize;
    loop {
        let found = line.get(from..)?.find([':', '：'])?;
        let at = from.checked_add(found)?;
        let len = line.get(at..)?.chars().next()?.len_utf8();
        let behind = line.get(at.checked_add(len)?..)?;
        let label = line.get(..at)?;
        if label.chars().count() > MAX_LABEL_CHARS || label.contains('\t') || label.is_empty() {
            return None;
        }
        let ends_label = behind.trim().is_empty()
            || behind.starts_with(['\t', '\u{3000}'])
            || behind.starts_with("  ")
            || behind.starts_with(" \t");
        if ends_label {
            return Some(behind.trim_start());
        }
        from = at.checked_add(len)?;
    }
}
