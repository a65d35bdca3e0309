//! Text: length, case, parts, replacement, patterns.

mod characters;
mod has_any_index;
mod indexof;
mod patterns;
mod replace_string;
mod replace_strings;
mod reverse;
mod split;
mod strcat;
mod strcat_delim;
mod strcmp;
mod string_size;
mod strlen;
mod strrep;
mod substring;

pub(super) use self::string_size::SIZE as STRING_BYTES;
use super::{Call, Example, Kernel, Returns, ScalarFunction, columns, convert, matching, size};

/// The functions of this group.
pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    characters::codepoints::FROM_STRING,
    characters::codepoints::TO_STRING,
    patterns::countof::COUNTOF,
    patterns::extract::EXTRACT,
    patterns::extract_all::EXTRACT_ALL,
    has_any_index::HAS_ANY_INDEX,
    indexof::INDEXOF,
    patterns::indexof_regex::INDEXOF_REGEX,
    characters::isascii::ISASCII,
    characters::isascii::ISUTF8,
    characters::punycode::PUNYCODE_DOMAIN_FROM_STRING,
    characters::punycode::PUNYCODE_DOMAIN_TO_STRING,
    characters::punycode::PUNYCODE_FROM_STRING,
    characters::punycode::PUNYCODE_TO_STRING,
    patterns::regex_quote::REGEX_QUOTE,
    patterns::replace_regex::REPLACE,
    patterns::replace_regex::REPLACE_REGEX,
    replace_string::REPLACE_STRING,
    replace_strings::REPLACE_STRINGS,
    reverse::REVERSE,
    split::SPLIT,
    strcat::STRCAT,
    strcat_delim::STRCAT_DELIM,
    strcmp::STRCMP,
    string_size::STRING_SIZE,
    strlen::STRLEN,
    strrep::STRREP,
    substring::SUBSTRING,
    characters::tohex::TOHEX,
    characters::tolower::TOLOWER,
    characters::toupper::TOUPPER,
    characters::translate::TRANSLATE,
    patterns::trim::TRIM,
    patterns::trim::TRIM_END,
    patterns::trim::TRIM_START,
];

/// The kernels of this group.
pub(super) const KERNELS: &[&Kernel] = &[
    &characters::codepoints::FROM,
    &characters::codepoints::TO,
    &patterns::countof::COUNT,
    &patterns::countof::COUNT_MATCHES,
    &patterns::extract::FIND,
    &patterns::extract_all::FIND,
    &has_any_index::INDEX,
    &indexof::FIND,
    &patterns::indexof_regex::FIND,
    &characters::isascii::IS_ASCII,
    &characters::punycode::DECODE,
    &characters::punycode::DECODE_DOMAIN,
    &characters::punycode::ENCODE,
    &characters::punycode::ENCODE_DOMAIN,
    &patterns::regex_quote::QUOTE,
    &patterns::replace_regex::REPLACE_ALL,
    &replace_string::REPLACE,
    &replace_strings::REPLACE,
    &reverse::REVERSE_TEXT,
    &split::PARTS,
    &strcat::CONCATENATE,
    &strcat_delim::JOIN,
    &strcmp::COMPARE,
    &string_size::SIZE,
    &strlen::LENGTH,
    &strrep::REPEAT,
    &substring::PART,
    &characters::tohex::WRITE,
    &characters::tolower::LOWER,
    &characters::toupper::UPPER,
    &characters::translate::TRANSLATE_TEXT,
    &patterns::trim::BOTH,
    &patterns::trim::END,
    &patterns::trim::START,
];
