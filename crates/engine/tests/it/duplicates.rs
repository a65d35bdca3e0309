//! The same record twice counts once, wherever it stands.

use engine::{Clock, Engine, Environment, NoProgress, Settings, compile, discover};
use serde_json::json;
use testkit::Folder;

use crate::answer::{answer_with_balance, event, settings};

const LOG: &str = "ID5140-Failed ADMIN$ share access.evtx";

fn counted(query: &str, folder: &Folder) -> (String, u64, u64, u64) {
    counted_within(query, folder, settings())
}

fn counted_within(query: &str, folder: &Folder, settings: Settings) -> (String, u64, u64, u64) {
    let environment = Environment::builtin(tables::Environment::Both);
    let compiled = compile(query, &environment, true).unwrap();
    let inputs = discover(&[folder.path().to_owned()]).inputs;
    let engine = Engine::new(&environment, settings).unwrap();
    let run = engine.run(&[compiled], &inputs, Clock::At(0), &NoProgress).unwrap();
    let rows: usize =
        run.rows(0).unwrap().into_iter().flatten().map(|b| b.unwrap().num_rows()).sum();
    let total = run.balance().total();
    assert_eq!(total.read, total.matched + total.not_needed + total.rejected);
    (rows.to_string(), total.matched, total.not_needed, total.duplicates)
}

#[test]
fn a_log_and_its_copy_are_one() {
    let log = testkit::reference!("logs").bytes(&format!("logs/{LOG}"));
    let one = Folder::with(&[("a.evtx", &log)]);
    let two = Folder::with(&[("a.evtx", &log), ("b/copy.evtx", &log)]);
    let query = "SecurityEvent | where EventID == 5140";
    let (rows, matched, not_needed, duplicates) = counted(query, &one);
    assert_eq!(duplicates, 0);
    assert_eq!(
        counted(query, &two),
        (rows, matched, 2 * not_needed + matched, matched),
        "the copy is read, and not needed"
    );
    let count = |folder: &Folder| {
        answer_with_balance("SecurityEvent | count", &[folder.path().to_owned()]).0
    };
    assert_eq!(count(&one), count(&two));
    // A query that stops early still has as many rows as it asked for.
    assert_eq!(counted("SecurityEvent | take 3", &two).0, "3");
}

#[test]
fn a_chunk_that_a_log_has_twice_counts_once() {
    let log = testkit::reference!("logs").bytes(&format!("logs/{LOG}"));
    let (header, chunks) = log.split_at(4096);
    let one = Folder::with(&[("a.evtx", &log)]);
    let two = Folder::with(&[("a.evtx", &[header, chunks, chunks].concat())]);
    for query in ["SecurityEvent | where EventID == 5140", "SecurityEvent | where EventID != 5140"]
    {
        let (rows, matched, not_needed, duplicates) = counted(query, &one);
        assert_eq!(duplicates, 0);
        assert_eq!(counted(query, &two), (rows, matched, 2 * not_needed + matched, matched));
    }
    assert_eq!(counted("SecurityEvent | take 3", &two).0, "3");
}

#[test]
fn copies_are_the_same_ones_where_memory_is_short() {
    let number = |id: u32| {
        let event = event("P", "C", 1, &json!({"A": id}));
        event.replace("\"EventRecordID\":42", &format!("\"EventRecordID\":{id}"))
    };
    let lines = |ids: std::ops::Range<u32>| ids.map(number).collect::<Vec<_>>().join("\n");
    let one = [lines(0..6_000), lines(3_000..4_000)].join("\n");
    let other = lines(5_000..7_000);
    let inputs = Folder::with(&[("a.jsonl", &one), ("b.jsonl", &other)]);
    let input = Folder::with(&[("a.jsonl", &one)]);
    let short = || Settings { operator_bytes: 150_000, staging_bytes: 50_000, ..settings() };
    for query in ["WindowsEvent", "union WindowsEvent, (WindowsEvent | where EventData.A > 3500)"] {
        for folder in [&input, &inputs] {
            assert_eq!(counted_within(query, folder, short()), counted(query, folder), "{query}");
        }
    }
    let (rows, matched, _, duplicates) = counted("WindowsEvent", &inputs);
    assert_eq!((rows.as_str(), matched, duplicates), ("7000", 7_000, 2_000));
    // Rows that may be copies do not end the reading.
    let taken = counted_within("WindowsEvent | take 5900", &input, short());
    assert_eq!(taken.0, "5900");
}

#[test]
fn records_that_differ_are_not() {
    let record = |text: &str| text.to_owned();
    let first = event("P", "C", 1, &json!({"A": 1}));
    let folder = |second: String| Folder::with(&[("x.jsonl", format!("{first}\n{second}\n"))]);
    let count = |second: String| counted("WindowsEvent", &folder(second)).0;
    assert_eq!(count(first.clone()), "1");
    assert_eq!(count(record(&first.replace("HOST.Example.Org", "host.example.org"))), "1");
    assert_eq!(count(record(&first.replace(".1234567Z", ".123Z"))), "1");
    assert_eq!(count(record(&first.replace("\"EventID\":1", "\"EventID\":2"))), "2");
    assert_eq!(count(record(&first.replace("\"Channel\":\"C\"", "\"Channel\":\"D\""))), "2");
    assert_eq!(count(record(&first.replace("HOST", "OTHER"))), "2");
    assert_eq!(count(record(&first.replace("12:00:00", "13:00:00"))), "2", "the log was cleared");
    assert_eq!(count(record(&first.replace("\"EventRecordID\":42", "\"EventRecordID\":43"))), "2");
}

#[test]
fn records_without_an_id_are_all_kept() {
    let flat = r#"{"EventID":1,"SourceName":"P","Channel":"c","Hostname":"h","TimeCreated":"2020-01-01T00:00:00Z"}"#;
    let folder = Folder::with(&[("x.jsonl", format!("{flat}\n{flat}\n"))]);
    assert_eq!(counted("WindowsEvent", &folder).0, "2");
}
