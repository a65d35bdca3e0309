//! `--memory` holds for what grows with the input beside the rows that operators work on.

use std::{ffi::OsStr, fmt::Write as _, fs::File, io::Write, path::Path, sync::OnceLock};

use serde_json::json;
use testkit::Folder;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::peak::{Ended, measured};

const LIMIT: &str = "64M";
const LIMIT_KB: u64 = 64 << 10;
/// What files are written and read through, whatever the limit.
const BUFFERS_KB: u64 = 32 << 10;

fn run(args: &[&str], paths: &[&Path]) -> Ended {
    let args = args.iter().map(OsStr::new).chain([OsStr::new("--memory"), OsStr::new(LIMIT)]);
    measured(args.chain(paths.iter().map(|path| path.as_os_str())))
}

/// Fails if a process took more than the limit and a fifth of it beside what another one took, which
/// did the same with hardly any input.
#[track_caller]
fn assert_within(ended: &Ended, without: &Ended) {
    let taken_kb = ended.peak_kb.saturating_sub(without.peak_kb);
    assert!(
        taken_kb <= LIMIT_KB / 5 * 6 + BUFFERS_KB,
        "{taken_kb} KB beside {} KB: {}",
        without.peak_kb,
        ended.stderr
    );
}

/// Writes a bundle with no rules, no alerts and one file of records.
fn bundle_of(path: &Path, records: impl Iterator<Item = &'static [u8]>, lines: &[u64]) {
    let name = "records/0001.jsonl";
    let all: Vec<u8> = records.flatten().copied().collect();
    let digest = report::bundle::sha256;
    let manifest = json!({
        "format": 1, "quarry": "0", "package": "p", "package_version": "1", "now": null,
        "rules": [], "inputs": [],
        "records": [{"path": name, "file": "a.jsonl", "member": null, "lines": lines}],
        "files": {"alerts.jsonl": digest(b""), name: digest(&all)},
    });
    let mut zip = ZipWriter::new(File::create(path).unwrap());
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, bytes) in
        [("manifest.json", manifest.to_string().as_bytes()), ("alerts.jsonl", b""), (name, &all)]
    {
        zip.start_file(name, stored).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
}

fn small_bundle() -> &'static (Folder, Ended) {
    static SMALL: OnceLock<(Folder, Ended)> = OnceLock::new();
    SMALL.get_or_init(|| {
        let folder = Folder::empty();
        let path = folder.path().join("small.zip");
        bundle_of(&path, [&b"{}\n"[..]].into_iter(), &[1]);
        let ended = run(&["verify"], &[&path]);
        assert_eq!(ended.status, 0, "{}", ended.stderr);
        (folder, ended)
    })
}

static MEBIBYTE: [u8; 1 << 20] = [b' '; 1 << 20];

#[test]
fn a_bundles_members_pass_by() {
    let (folder, small) = small_bundle();
    let path = folder.path().join("blank.zip");
    bundle_of(&path, std::iter::repeat_n(&MEBIBYTE[..], 160), &[1]);
    let ended = run(&["verify"], &[&path]);
    assert_eq!(ended.status, 2, "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains("whole     2 files"), "{}", ended.stdout);
    let message = "`records/0001.jsonl: line 1` has more than";
    assert!(ended.stderr.contains(message), "{}", ended.stderr);
    assert_within(&ended, small);
}

#[test]
fn a_bundle_with_other_records_than_it_says_is_refused() {
    let (folder, _) = small_bundle();
    let path = folder.path().join("lines.zip");
    bundle_of(&path, [&b"{}\n{}\n"[..]].into_iter(), &[1, 2, 3]);
    let ended = run(&["verify"], &[&path]);
    assert_eq!(ended.status, 2, "{}", ended.stdout);
    let message = "`records/0001.jsonl` has 2 lines, but the manifest speaks of 3";
    assert!(ended.stderr.contains(message), "{}", ended.stderr);
}

/// A list of so many rows of a hundred bytes.
fn list(folder: &Folder, rows: usize) -> String {
    let mut csv = String::from("Host,Owner,Remark\n");
    for row in 0..rows {
        writeln!(csv, "host-{row}.corp.example,owner-{row}@corp.example,\"a remark, number {row}, as long as people write them\"")
            .unwrap();
    }
    folder.write(&format!("list-{rows}.csv"), csv).display().to_string()
}

const LIST_ROWS: usize = 300_000;

#[test]
fn a_watchlist_is_scanned_within_memory() {
    let folder = Folder::empty();
    let ask = |rows: usize| {
        let list = format!("L={}", list(&folder, rows));
        let query = "_GetWatchlist('L') \
            | where SearchKey endswith '.example' and tostring(WatchlistItem.Owner) == Owner | count";
        let ended = run(&["query", "--format", "csv", "--watchlist", &list, query], &[]);
        assert_eq!(ended.status, 0, "{}", ended.stderr);
        assert_eq!(ended.stdout.lines().last(), Some(rows.to_string().as_str()));
        ended
    };
    assert_within(&ask(LIST_ROWS), &ask(10));
}

#[test]
fn external_data_is_scanned_within_memory() {
    let folder = Folder::empty();
    let ask = |rows: usize| {
        let given = format!("https://lists.example/l.csv={}", list(&folder, rows));
        let query = "externaldata (Host: string, Owner: string) ['https://lists.example/l.csv'] \
            with (format = 'csv', ignoreFirstRecord = true) | where Host has 'corp' | count";
        let ended = run(&["query", "--format", "csv", "--external", &given, query], &[]);
        assert_eq!(ended.status, 0, "{}", ended.stderr);
        assert_eq!(ended.stdout.lines().last(), Some(rows.to_string().as_str()));
        ended
    };
    assert_within(&ask(LIST_ROWS), &ask(10));
}

#[test]
fn alerts_are_on_the_account() {
    let folder = Folder::empty();
    let rule = folder.write(
        "rule.yaml",
        b"id: 0\nname: Every process\nseverity: Low\nqueryFrequency: 1h\nqueryPeriod: 1h\n\
          eventGroupingSettings:\n  aggregationKind: AlertPerResult\nquery: DeviceProcessEvents\n",
    );
    let rule = rule.display().to_string();
    let hunt = |rows: usize| {
        let mut csv = String::from("Timestamp,DeviceName,FileName,ProcessCommandLine,ActionType\n");
        for row in 0..rows {
            let (hour, minute, second) = (row / 3_600 % 24, row / 60 % 60, row % 60);
            writeln!(csv, "2026-01-05T{hour:02}:{minute:02}:{second:02}Z,quay-{row},p{row}.exe,p --of {row},ProcessCreated").unwrap();
        }
        let logs = folder.write(&format!("{rows}/DeviceProcessEvents.csv"), csv);
        run(&["hunt", "--rule", &rule, "--format", "jsonl"], &[&logs])
    };
    let few = hunt(10);
    assert_eq!(few.status, 1, "{}", few.stderr);
    let many = hunt(40_000);
    // The one rule could not run to its end.
    assert_eq!(many.status, 4, "{}", many.stderr);
    assert!(
        many.stderr.contains("the alerts: more than the memory limit allows"),
        "{}",
        many.stderr
    );
    assert!(many.stderr.contains("--memory"), "{}", many.stderr);
    assert_within(&many, &few);
}

/// What hops are named by is asked of the logs whatever the rules find.
#[test]
fn whose_addresses_and_accounts_there_are_is_on_the_account() {
    let folder = Folder::empty();
    let rule = folder.write(
        "rule.yaml",
        b"id: 0\nname: Nobody\nseverity: Low\nqueryFrequency: 1h\nqueryPeriod: 1h\n\
          query: DeviceLogonEvents | where AccountName == 'nobody'\n",
    );
    let rule = rule.display().to_string();
    let hunt = |rows: usize| {
        let mut csv = String::from(
            "Timestamp,DeviceName,ActionType,LogonType,AccountName,AccountDomain,RemoteIP,RemoteDeviceName\n",
        );
        for row in 0..rows {
            let (hour, minute, second) = (row / 3_600 % 24, row / 60 % 60, row % 60);
            let (high, middle, low) = (row >> 16, row >> 8 & 255, row & 255);
            writeln!(csv, "2026-01-05T{hour:02}:{minute:02}:{second:02}Z,quay-{row}.corp.example,LogonSuccess,Network,ines{row},CORP,10.{high}.{middle}.{low},pier-{row}.corp.example").unwrap();
        }
        let logs = folder.write(&format!("{rows}/DeviceLogonEvents.csv"), csv);
        run(&["hunt", "--rule", &rule, "--format", "jsonl"], &[&logs])
    };
    let few = hunt(10);
    assert_eq!(few.status, 0, "{}", few.stderr);
    let many = hunt(150_000);
    assert_eq!(many.status, 2, "{}", many.stderr);
    assert!(
        many.stderr.contains("what the logs say of addresses and accounts: more than the memory"),
        "{}",
        many.stderr
    );
    assert_within(&many, &few);
}
