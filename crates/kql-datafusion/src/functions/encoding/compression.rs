//! `gzip_decompress_from_base64_string`, `zlib_decompress_from_base64_string`
//!
//! The functions that compress do not run: compressors differ in their bytes, and only one answer of
//! Kusto's is known.

use std::io::Read;

use arrow::array::ArrayRef;
use base64::{Engine, engine::general_purpose::STANDARD};
use datafusion_common::{Result, exec_datafusion_err};
use flate2::bufread::{GzDecoder, ZlibDecoder};

use super::{Args, Example, Kernel, Returns, ScalarFunction, columns::written};

pub(super) const GZIP_DECOMPRESS: ScalarFunction = ScalarFunction {
    name: "gzip_decompress_from_base64_string",
    summary: "Returns the text that was compressed with gzip and is given in base64, or \"\".",
    source: "https://learn.microsoft.com/kusto/query/gzip-base64-decompress",
    examples: &[
        Example::new(
            "gzip_decompress_from_base64_string('H4sIAAAAAAAA/0tMSgYAwkEkNQMAAAA=')",
            "abc",
        ),
        Example::new("gzip_decompress_from_base64_string('x0x0x0')", ""),
    ],
    lower: |call| Some(call.apply(&GUNZIP)),
};

pub(super) const ZLIB_DECOMPRESS: ScalarFunction = ScalarFunction {
    name: "zlib_decompress_from_base64_string",
    summary: "Returns the text that was compressed with zlib and is given in base64, or \"\".",
    source: "https://learn.microsoft.com/kusto/query/zlib-base64-decompress-function",
    examples: &[
        Example::new(
            "zlib_decompress_from_base64_string('eAEBFADr/zEyMzQ1Njc4OTBxd2VydHl1aW9wOAkGdw==')",
            "1234567890qwertyuiop",
        ),
        Example::new("zlib_decompress_from_base64_string('x0x0x0')", ""),
    ],
    lower: |call| Some(call.apply(&INFLATE)),
};

pub(super) static GUNZIP: Kernel = Kernel {
    name: "kql_gunzip",
    returns: Returns::Text,
    eval: |args| decompress(args, |bytes| read(GzDecoder::new(bytes))),
};

pub(super) static INFLATE: Kernel = Kernel {
    name: "kql_inflate",
    returns: Returns::Text,
    eval: |args| decompress(args, |bytes| read(ZlibDecoder::new(bytes))),
};

/// What a text may decompress to: a text of a few bytes must not fill the memory.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// What is not compressed, or no UTF-8, gives `""`.
///
/// Source: measured for what is not compressed.
fn decompress(
    args: &Args<'_>,
    decompress: fn(&[u8]) -> Result<Option<String>>,
) -> Result<ArrayRef> {
    let texts = args.text(0)?;
    written(args.rows(), |row, out| {
        let bytes = STANDARD.decode(texts.str(row)).unwrap_or_default();
        out.push_str(&decompress(&bytes)?.unwrap_or_default());
        Ok(Some(()))
    })
}

fn read(decoder: impl Read) -> Result<Option<String>> {
    let mut text = Vec::new();
    let read = decoder.take(MAX_BYTES.saturating_add(1)).read_to_end(&mut text);
    if text.len() as u64 > MAX_BYTES {
        return Err(exec_datafusion_err!("a text decompresses to more than {MAX_BYTES} bytes"));
    }
    Ok(read.ok().and_then(|_| String::from_utf8(text).ok()))
}
