//! Whatever the bytes: no panic, and every record is accounted for.

use proptest::prelude::*;
use sources::{Limits, ScanRequest};

use crate::collect::{everything, scan_bytes};

/// Texts from which damaged logs are made.
const PIECES: &[&str] = &[
    r#"{"EventID":1,"SourceName":"P","Channel":"c","Hostname":"h","TimeCreated":"2020-01-01T00:00:00Z","A":{"b":[1,"x"]}}"#,
    r#"{"Event":{"System":{"Provider":{"#,
    r##""#attributes":{"Name":"P"}},"EventID":5,"##,
    r#""TimeCreated":{"#,
    r#"}},"EventData":{"Data":["x"],"Data_attributes":{}}}}"#,
    r#"{"Timestamp":"2020-01-01T00:00:00Z","RemoteIP":"10.0.0.1","RemotePort":445}"#,
    r#"{"category":"AdvancedHunting-DeviceInfo","properties":{"DeviceId":"d"}}"#,
    "Timestamp,RemoteIP,RemotePort\n",
    "2020-01-01T00:00:00Z,\"10.0.0.1\",445\n",
    "2020-01-01T00:00:00Z,\"a\"\"b\n",
    "\n",
    "\r\n",
    "[",
    "]",
    ",",
    "{",
    "}",
    "\"",
    "\\",
    "\\u00",
    "é",
    "\u{feff}",
    " ",
];

fn check(bytes: &[u8], block_bytes: usize) {
    let limits = Limits { block_bytes, record_bytes: 300, ..Limits::default() };
    let request = ScanRequest { limits, ..everything() };
    for name in ["x", "DeviceNetworkEvents.csv"] {
        let collected = scan_bytes(name, bytes, &request);
        collected.assert_balances();
        assert!(collected.problem_texts().iter().all(|text| !text.is_empty()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_balance(bytes in prop::collection::vec(any::<u8>(), 0..400), block in 1..200_usize) {
        check(&bytes, block);
        for start in [&b"\x1f\x8b\x08\x00"[..], b"PK\x03\x04", b"ElfFile\0", b"\xff\xfe{\0", b"{"] {
            check(&[start, &bytes].concat(), block);
        }
    }

    #[test]
    fn damaged_logs_balance(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40),
        block in 1..300_usize,
    ) {
        check(pieces.concat().as_bytes(), block);
    }

    #[test]
    fn cut_and_flipped_logs_balance(
        cut in 0..4096_usize,
        flips in prop::collection::vec((0..4096_usize, any::<u8>()), 0..8),
    ) {
        let mut bytes = PIECES.concat().repeat(4).into_bytes();
        for (at, byte) in flips {
            if let Some(target) = bytes.get_mut(at) {
                *target = byte;
            }
        }
        bytes.truncate(cut);
        check(&bytes, 100);
    }
}
