//! Bundles that somebody made by hand, and what is said of them.

use std::io::{Cursor, Write};

use report::bundle::{Bundle, BundleError, sha256};
use serde_json::{Value, json};
use zip::{ZipWriter, write::SimpleFileOptions};

/// What a test's bundle may take: an 8 KiB manifest, lines of as much, rules of 2 KiB.
const ROOM: u64 = 8 << 15;

/// A bundle of members, with a manifest that names them all and is changed by `change`.
fn bundle(members: &[(&str, &[u8])], change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let files: serde_json::Map<String, Value> =
        members.iter().map(|(name, bytes)| ((*name).to_owned(), json!(sha256(bytes)))).collect();
    let mut manifest = json!({
        "format": 1, "quarry": "0", "package": "p", "package_version": "1", "now": null,
        "rules": [], "inputs": [], "records": [], "files": files,
    });
    change(&mut manifest);
    let manifest = manifest.to_string();
    let manifest = [("manifest.json", manifest.as_bytes())];
    archive(manifest.iter().chain(members))
}

fn archive<'a>(members: impl Iterator<Item = &'a (&'a str, &'a [u8])>) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn open(bytes: Vec<u8>) -> Result<Bundle<Cursor<Vec<u8>>>, BundleError> {
    Bundle::open(Cursor::new(bytes), ROOM)
}

#[track_caller]
fn refused(bytes: Vec<u8>) -> String {
    open(bytes).unwrap_err().to_string()
}

const ALERTS: (&str, &[u8]) = ("alerts.jsonl", b"{}\n");

#[test]
fn a_bundle_by_hand_is_read() {
    let mut bundle = open(bundle(&[ALERTS], |_| {})).unwrap();
    assert_eq!(bundle.differences(), [""; 0]);
    let mut lines = Vec::new();
    let count = bundle.lines::<BundleError>("alerts.jsonl", |line| {
        lines.push(line.to_vec());
        Ok(())
    });
    assert_eq!((count.unwrap(), lines), (1, vec![b"{}\n".to_vec()]));
}

#[test]
fn what_unpacks_to_more_than_there_is_room_for_is_named() {
    let blank = vec![b' '; 1 << 20];
    let inflated = archive([("manifest.json", &*blank)].iter());
    assert!(inflated.len() < 5_000, "a bomb: {} bytes", inflated.len());
    assert_eq!(
        refused(inflated),
        "`manifest.json` has more than 8192 bytes, which is all that `--memory` leaves for it"
    );
    let rule = ("rules/001.yaml", &*blank);
    let records = ("records/0001.jsonl", &*blank);
    let mut bundle = open(bundle(&[ALERTS, rule, records], |_| {})).unwrap();
    assert_eq!(bundle.differences(), [""; 0], "hashed as it streams by");
    let error = bundle.rule("rules/001.yaml").unwrap_err().to_string();
    assert!(error.starts_with("`rules/001.yaml` has more than 2048 bytes"), "{error}");
    let error = bundle.lines::<BundleError>("records/0001.jsonl", |_| Ok(())).unwrap_err();
    let error = error.to_string();
    assert!(error.starts_with("`records/0001.jsonl: line 1` has more than 8192 bytes"), "{error}");
}

#[test]
fn more_members_than_there_is_room_for_are_refused() {
    let names: Vec<String> = (0..1_000).map(|number| format!("rules/{number:04}.yaml")).collect();
    let members: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    assert_eq!(
        refused(archive(members.iter())),
        "`the archive's directory` has more than 16384 bytes, which is all that `--memory` leaves \
         for it"
    );
}

#[test]
fn members_that_share_bytes_or_names_are_refused() {
    // Both entries of the directory name the first member's bytes.
    let mut bytes = archive([("a", &b"x"[..]), ("b", b"y")].iter());
    let entry = |bytes: &[u8], at: usize| {
        let starts = bytes.windows(4).enumerate().filter(|(_, it)| *it == b"PK\x01\x02");
        starts.map(|(start, _)| start).nth(at).unwrap()
    };
    let second = entry(&bytes, 1);
    bytes[second + 42..second + 46].copy_from_slice(&[0; 4]);
    assert_eq!(refused(bytes), "no evidence bundle: members share bytes of the archive");
    let mut bytes = archive([("a", &b"x"[..]), ("b", b"y")].iter());
    let second = entry(&bytes, 1);
    bytes[second + 46] = b'a';
    assert_eq!(refused(bytes), "no evidence bundle: two members have the same name");
    assert_eq!(refused(b"no archive at all".to_vec()), "no evidence bundle: not a zip archive");
}

#[test]
fn names_lead_nowhere_else() {
    for name in ["../x", "/etc/passwd", "C:\\x", "rules/../alerts.jsonl", "rules/a.yaml", "x/\u{1}"]
    {
        let error = refused(bundle(&[ALERTS, (name, b"")], |_| {}));
        assert!(error.contains("is not a name that a bundle's member can have"), "{name}: {error}");
    }
    // A member whose digest nobody compares is not read.
    let rule = json!([{"id": "r", "behaviours": [], "path": "rules/001.yaml"}]);
    let error = refused(bundle(&[ALERTS], |manifest| manifest["rules"] = rule));
    assert_eq!(
        error,
        "`manifest.json`: `rules/001.yaml` is not a name that a bundle's rule can have"
    );
    let records = json!([{"path": "alerts.jsonl", "file": "f", "member": null, "lines": [1]}]);
    let error = refused(bundle(&[ALERTS], |manifest| manifest["records"] = records));
    assert_eq!(
        error,
        "`manifest.json`: `alerts.jsonl` is not a name that a bundle's records can have"
    );
    let stranger = ("zz\u{1b}[31m", &b""[..]);
    let hidden = bundle(&[ALERTS, stranger], |manifest| {
        manifest["files"].as_object_mut().unwrap().remove(stranger.0);
    });
    assert_eq!(open(hidden).unwrap().differences(), ["`zz\\u{1b}[31m` is not in the manifest"]);
}
