//! Encodings of text and bytes: base64, URLs, compression.

mod base64_bytes;
mod base64_guid;
mod base64_text;
mod compression;
mod url_decode;
mod url_encode;

use super::{Args, Example, Kernel, Returns, ScalarFunction, columns};

/// The functions of this group.
pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    base64_bytes::BASE64_DECODE_TOARRAY,
    base64_bytes::BASE64_ENCODE_FROMARRAY,
    base64_guid::BASE64_DECODE_TOGUID,
    base64_guid::BASE64_ENCODE_FROMGUID,
    base64_text::BASE64_DECODE_TOSTRING,
    base64_text::BASE64_ENCODE_TOSTRING,
    compression::GZIP_DECOMPRESS,
    compression::ZLIB_DECOMPRESS,
    url_decode::URL_DECODE,
    url_encode::URL_ENCODE,
    url_encode::URL_ENCODE_COMPONENT,
];

/// The kernels of this group.
pub(super) const KERNELS: &[&Kernel] = &[
    &base64_bytes::DECODE,
    &base64_bytes::ENCODE,
    &base64_guid::DECODE,
    &base64_guid::ENCODE,
    &base64_text::DECODE,
    &base64_text::ENCODE,
    &compression::GUNZIP,
    &compression::INFLATE,
    &url_decode::DECODE,
    &url_encode::ENCODE,
    &url_encode::ENCODE_COMPONENT,
];
