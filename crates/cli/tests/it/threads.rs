//! The same answer on any number of threads: rows, balance and what is said.

use std::fmt::Write;

use testkit::Folder;

use crate::quarry::quarry;

/// Writes a line as `evtx_dump` does.
fn event(file: usize, number: usize) -> String {
    let minute = number % 60;
    let id = if number % 7 == 3 { 4624 } else { 4688 };
    format!(
        "{{\"Event\":{{\"System\":{{\"Provider\":{{\"#attributes\":{{\"Name\":\
         \"Microsoft-Windows-Security-Auditing\"}}}},\"EventID\":{id},\"Version\":0,\"Level\":0,\
         \"TimeCreated\":{{\"#attributes\":{{\"SystemTime\":\"2024-03-0{day}T10:{minute:02}:00Z\"}}}},\
         \"EventRecordID\":{number},\"Channel\":\"Security\",\"Computer\":\"host{file}.example\"}},\
         \"EventData\":{{\"NewProcessName\":\"C:\\\\Windows\\\\tool{number}.exe\",\
         \"TargetUserName\":\"user{user}\",\"LogonType\":{kind}}}}}}}\n",
        day = [1, 2, 3, 4, 5, 6, 7][file % 7],
        user = number % 11,
        kind = number % 4,
    )
}

/// Files of which the later ones are larger, one of them more than a block of what is read at a time,
/// and some with damage; copies of records stand in two of them.
fn logs() -> Folder {
    let folder = Folder::empty();
    for (file, records) in [3, 40, 1, 6_000, 200, 2].into_iter().enumerate() {
        let mut text: String = (0..records).map(|number| event(file, number)).collect();
        if file % 2 == 1 {
            text.push_str("{\"Event\":{\"System\":\n");
        }
        folder.write(&format!("{file}.jsonl"), &text);
        if file == 4 {
            folder.write("copy/4.jsonl", &text);
        }
    }
    let mut table = "Timestamp,DeviceName,ActionType,FileName,ProcessCommandLine\n".to_owned();
    for number in 0..4_000 {
        writeln!(
            table,
            "2024-03-02T11:{:02}:{:02}Z,pc{},ProcessCreated,tool{number}.exe,tool{number}.exe -v {}",
            number / 60 % 60,
            number % 60,
            number % 5,
            number % 97,
        )
        .unwrap();
    }
    folder.write("DeviceProcessEvents.csv", &table);
    folder
}

/// Runs a command on several numbers of threads and fails unless all of it is the same.
#[track_caller]
fn is_the_same(args: &[&str], paths: &[&str]) -> String {
    let run = |threads: &str| {
        let folder = Folder::empty();
        let stats = folder.path().join("stats.json");
        let all = args.iter().chain(paths).copied();
        let settings = ["--threads", threads, "--stats", stats.to_str().unwrap()];
        let outcome = quarry(all.chain(settings));
        let stats = std::fs::read_to_string(&stats).unwrap_or_default();
        (outcome.status, outcome.stdout, outcome.stderr, stats)
    };
    let alone = run("1");
    assert!(alone.0 != 2, "{args:?}: {}", alone.2);
    for threads in ["2", "5"] {
        let several = run(threads);
        assert_eq!(alone.0, several.0, "{args:?} on {threads} threads");
        assert_eq!(alone.2, several.2, "{args:?} on {threads} threads");
        assert_eq!(alone.3, several.3, "{args:?} on {threads} threads");
        assert!(alone.1 == several.1, "{args:?} on {threads} threads: other rows");
    }
    alone.1
}

#[test]
fn queries_that_end_early_answer_alike() {
    let folder = logs();
    let logs = folder.path().to_str().unwrap();
    for query in [
        "WindowsEvent | take 5 | project Computer, EventRecordId",
        "WindowsEvent | take 60 | summarize count() by Computer",
        "WindowsEvent | where EventData.TargetUserName == 'user7' | limit 12 | project EventData",
        "DeviceProcessEvents | where FileName endswith '77.exe' | take 9 | project FileName",
        "WindowsEvent | take 2 | project Computer; WindowsEvent | take 100 | count",
    ] {
        let rows = is_the_same(&["query", "--format", "jsonl", query], &[logs]);
        assert!(!rows.is_empty(), "{query}");
    }
    // The first rows are those of the first file.
    let query = "WindowsEvent | take 5 | summarize n = count() by Computer";
    let rows = is_the_same(&["query", "--format", "jsonl", query], &[logs]);
    assert_eq!(
        rows,
        "{\"Computer\":\"host0.example\",\"n\":3}\n{\"Computer\":\"host1.example\",\"n\":2}\n"
    );
}

#[test]
fn queries_over_all_of_the_input_answer_alike() {
    let folder = logs();
    let logs = folder.path().to_str().unwrap();
    for query in [
        "WindowsEvent | top 7 by EventRecordId desc | project EventRecordId, Computer",
        "search 'tool77.exe' | project $table, TimeGenerated | take 4",
        "SecurityEvent | summarize n = count(), who = make_set(TargetUserName, 3), \
         mean = avg(LogonType * 0.1) by Computer, EventID",
        "union WindowsEvent, DeviceProcessEvents | summarize count() by Type",
    ] {
        let rows = is_the_same(&["query", "--format", "jsonl", query], &[logs]);
        assert!(!rows.is_empty(), "{query}");
    }
}

#[test]
fn hunts_find_alike() {
    let folder = logs();
    let logs = folder.path().to_str().unwrap();
    is_the_same(&["hunt", "--format", "jsonl"], &[logs, "samples"]);
}
