//! Text: length, case, parts, replacement, patterns.

mod codepoints;
mod countof;
mod extract;
mod extract_all;
mod has_any_index;
mod indexof;
mod indexof_regex;
mod isascii;
mod punycode;
mod punycode_text;
mod regex_quote;
mod replace_regex;
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
mod tohex;
mod tolower;
mod toupper;
mod translate;
mod trim;

pub(super) use self::string_size::SIZE as STRING_BYTES;
use super::{Call, Example, Kernel, Returns, ScalarFunction, columns, convert, matching};

/// The functions of this group.
pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    codepoints::FROM_STRING,
    codepoints::TO_STRING,
    countof::COUNTOF,
    extract::EXTRACT,
    extract_all::EXTRACT_ALL,
    has_any_index::HAS_ANY_INDEX,
    indexof::INDEXOF,
    indexof_regex::INDEXOF_REGEX,
    isascii::ISASCII,
    isascii::ISUTF8,
    punycode::PUNYCODE_DOMAIN_FROM_STRING,
    punycode::PUNYCODE_DOMAIN_TO_STRING,
    punycode::PUNYCODE_FROM_STRING,
    punycode::PUNYCODE_TO_STRING,
    regex_quote::REGEX_QUOTE,
    replace_regex::REPLACE,
    replace_regex::REPLACE_REGEX,
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
    tohex::TOHEX,
    tolower::TOLOWER,
    toupper::TOUPPER,
    translate::TRANSLATE,
    trim::TRIM,
    trim::TRIM_END,
    trim::TRIM_START,
];

/// The kernels of this group.
pub(super) const KERNELS: &[&Kernel] = &[
    &codepoints::FROM,
    &codepoints::TO,
    &countof::COUNT,
    &countof::COUNT_MATCHES,
    &extract::FIND,
    &extract_all::FIND,
    &has_any_index::INDEX,
    &indexof::FIND,
    &indexof_regex::FIND,
    &isascii::IS_ASCII,
    &punycode::DECODE,
    &punycode::DECODE_DOMAIN,
    &punycode::ENCODE,
    &punycode::ENCODE_DOMAIN,
    &regex_quote::QUOTE,
    &replace_regex::REPLACE_ALL,
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
    &tohex::WRITE,
    &tolower::LOWER,
    &toupper::UPPER,
    &translate::TRANSLATE_TEXT,
    &trim::BOTH,
    &trim::END,
    &trim::START,
];
