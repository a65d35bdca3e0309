//! Any bytes behind the start of an archive or compressed stream: no panic, whatever it unpacks to.

#![no_main]

mod scan;

use libfuzzer_sys::fuzz_target;

const STARTS: [&[u8]; 3] = [b"PK\x03\x04", b"\x1f\x8b\x08\x00", b""];

fuzz_target!(|bytes: &[u8]| {
    for start in STARTS {
        scan::check("input", &[start, bytes].concat());
    }
});
