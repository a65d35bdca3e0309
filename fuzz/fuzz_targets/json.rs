//! Any bytes behind the start of a JSON log: no panic, and every record is accounted for.

#![no_main]

mod scan;

use libfuzzer_sys::fuzz_target;

const STARTS: [&[u8]; 4] = [
    br#"{"Event":{"System":{"Provider":{"#,
    br#"{"EventID":5145,"SourceModuleName":"eventlog","EventTime":"2020-01-01 00:00:00","#,
    br#"[{"Timestamp":"2020-01-01T00:00:00Z","DeviceId":"x","RemotePort":445,"#,
    b"",
];

fuzz_target!(|bytes: &[u8]| {
    for start in STARTS {
        scan::check("input", &[start, bytes].concat());
    }
});
