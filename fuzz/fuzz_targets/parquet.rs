//! Any bytes as the pages and the footer of a Parquet file: no panic, and every row is accounted for.

#![no_main]

mod scan;

use libfuzzer_sys::fuzz_target;

const MAGIC: &[u8] = b"PAR1";

fuzz_target!(|bytes: &[u8]| {
    // The footer is as long as what stands before its length: the bytes are all of it.
    let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes();
    scan::check("input", &[MAGIC, bytes, &len, MAGIC].concat());
    scan::check("input", &[MAGIC, bytes].concat());
});
