//! Any bytes behind the header of an export: no panic, and every row is accounted for.

#![no_main]

mod scan;

use libfuzzer_sys::fuzz_target;

const HEADER: &[u8] = b"Timestamp,DeviceId,DeviceName,ActionType,RemoteIP,RemotePort,RemoteUrl\r\n";

fuzz_target!(|bytes: &[u8]| {
    scan::check("input", &[HEADER, bytes].concat());
    scan::check("input", bytes);
});
