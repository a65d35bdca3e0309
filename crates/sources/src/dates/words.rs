//! The words in dates: months, days of the week, halves of the day, in the languages of Windows.
//!
//! Names come from the locales of the GNU C library, as do the halves of the day where it has them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use pure_rust_locales::{Locale, locale_match};

/// One locale for each language that Windows or its portals speak, and a second one where a language
/// has two spellings.
const LOCALES: &[&str] = &[
    "ar_EG",
    "ar_SA",
    "ar_SY",
    "bg_BG",
    "bs_BA",
    "ca_ES",
    "cs_CZ",
    "da_DK",
    "de_AT",
    "de_DE",
    "el_GR",
    "en_GB",
    "en_US",
    "es_ES",
    "es_MX",
    "et_EE",
    "eu_ES",
    "fa_IR",
    "fi_FI",
    "fr_CA",
    "fr_FR",
    "gl_ES",
    "he_IL",
    "hi_IN",
    "hr_HR",
    "hu_HU",
    "id_ID",
    "is_IS",
    "it_IT",
    "ja_JP",
    "kk_KZ",
    "ko_KR",
    "lt_LT",
    "lv_LV",
    "mk_MK",
    "ms_MY",
    "nb_NO",
    "nl_NL",
    "nn_NO",
    "pl_PL",
    "pt_BR",
    "pt_PT",
    "ro_RO",
    "ru_RU",
    "sk_SK",
    "sl_SI",
    "sq_AL",
    "sr_ME",
    "sr_RS",
    "sr_RS@latin",
    "sv_SE",
    "th_TH",
    "tr_TR",
    "uk_UA",
    "vi_VN",
    "zh_CN",
    "zh_TW",
];

/// Halves of the day that the C library's locales lack, as Windows, browsers and .NET write them.
///
/// Source: Unicode CLDR, day periods `am` and `pm`, and the designators of .NET's cultures.
const HALVES: &[(&str, &str)] = &[
    ("a", "p"),
    ("am", "pm"),
    ("vm", "nm"),
    ("fm", "em"),
    ("de", "du"),
    ("dop", "odp"),
    ("dop", "pop"),
    ("ap", "ip"),
    ("fh", "eh"),
    ("sa", "ch"),
    ("pg", "ptg"),
    ("проб", "слоб"),
    ("قظ", "بظ"),
    ("قبلازظهر", "بعدازظهر"),
    ("قبل ازظهر", "بعد ازظهر"),
    ("לפנה״צ", "אחה״צ"),
    ("ก่อนเที่ยง", "หลังเที่ยง"),
    ("priekšp", "pēcp"),
    ("priešpiet", "popiet"),
    ("پیشازظهر", "بعدازظهر"),
];

/// Words that stand between the parts of a date and mean nothing by themselves.
const FILLERS: &[&str] = &[
    "de", "del", "di", "at", "um", "kl", "klo", "à", "às", "a", "las", "la", "o", "о", "v", "ve",
    "в", "г", "р", "y", "om", "op", "den", "der", "u", "saat", "alle", "ore", "m", "d", "gada",
    "t", "st", "nd", "rd", "th", "er", "godz", "sa", "ob", "u.",
];

/// What a word may mean.
static WORDS: LazyLock<Words> = LazyLock::new(Words::new);

struct Words {
    /// By name, the months it stands for: a bit for each, since languages share words.
    months: BTreeMap<String, u16>,
    weekdays: BTreeSet<String>,
    /// By name, whether it is the afternoon.
    halves: BTreeMap<String, bool>,
}

impl Words {
    fn new() -> Self {
        let mut words =
            Self { months: BTreeMap::new(), weekdays: BTreeSet::new(), halves: BTreeMap::new() };
        for locale in LOCALES.iter().filter_map(|name| Locale::try_from(*name).ok()) {
            words.add_months(locale_match!(locale => LC_TIME::MON));
            words.add_months(locale_match!(locale => LC_TIME::ABMON));
            words.add_months(locale_match!(locale => LC_TIME::ALT_MON).unwrap_or_default());
            words.add_months(locale_match!(locale => LC_TIME::AB_ALT_MON).unwrap_or_default());
            let days =
                [locale_match!(locale => LC_TIME::DAY), locale_match!(locale => LC_TIME::ABDAY)];
            words.weekdays.extend(days.into_iter().flatten().map(|name| key(name)));
            if let [morning, afternoon] = locale_match!(locale => LC_TIME::AM_PM) {
                words.add_halves(morning, afternoon);
            }
        }
        // The C library has no abbreviation of four letters, which English and German use.
        words.months.insert("sept".to_owned(), 1 << 8);
        for (morning, afternoon) in HALVES {
            words.add_halves(morning, afternoon);
        }
        words
    }

    fn add_months(&mut self, names: &[&str]) {
        for (month, name) in names.iter().enumerate() {
            let key = key(name);
            let Ok(month) = u32::try_from(month) else { continue };
            let Some(bit) = 1_u16.checked_shl(month) else { continue };
            // East Asian names are numbers with a unit, which are read as such.
            if key.chars().count() > 1 && !key.contains(|char: char| char.is_ascii_digit()) {
                let months = self.months.entry(key).or_default();
                *months |= bit;
            }
        }
    }

    fn add_halves(&mut self, morning: &str, afternoon: &str) {
        for (name, is_afternoon) in [(morning, false), (afternoon, true)] {
            let key = key(name);
            if !key.is_empty() {
                self.halves.insert(key, is_afternoon);
            }
        }
    }
}

/// Returns the month, 1 to 12, that a word stands for in whatever language; `None` also if it stands for
/// different ones, as `listopad` does.
pub(super) fn month(word: &str) -> Option<u8> {
    let months = *WORDS.months.get(word)?;
    let month = u8::try_from(months.trailing_zeros()).ok()?.checked_add(1)?;
    months.is_power_of_two().then_some(month)
}

/// Tells whether a word is a day of the week.
pub(super) fn is_weekday(word: &str) -> bool {
    WORDS.weekdays.contains(word)
}

/// Returns which half of the day a word names: `true` is the afternoon.
pub(super) fn half(word: &str) -> Option<bool> {
    WORDS.halves.get(word).copied()
}

/// Tells whether a word means nothing by itself.
pub(super) fn is_filler(word: &str) -> bool {
    FILLERS.contains(&word)
}

/// Returns a name as words are looked up: letters in lower case.
fn key(name: &str) -> String {
    let letters = name.chars().filter(|char| !char.is_whitespace() && !".॰".contains(*char));
    letters.flat_map(char::to_lowercase).collect()
}
