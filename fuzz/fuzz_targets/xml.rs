//! Any bytes in and behind an event's XML: no panic, and every record is accounted for.

#![no_main]

mod scan;

use libfuzzer_sys::fuzz_target;

const HEADER: &[u8] = b"<Events><Event><System><Provider Name='P'/><EventID>7</EventID>\
    <TimeCreated SystemTime='2020-01-01T00:00:00Z'/></System>";

fuzz_target!(|bytes: &[u8]| {
    let value = [HEADER, b"<EventData><Data Name='A'>", bytes, b"</Data></EventData></Event>"];
    scan::check("input", &value.concat());
    let section = [HEADER, b"<UserData><W ", bytes, b"</W></UserData></Event></Events>"];
    scan::check("input", &section.concat());
    scan::check("input", &[HEADER, b"</Event>", bytes].concat());
    scan::check("input", bytes);
});
