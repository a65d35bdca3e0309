//! The same rows in the same batches, and the same account of records, whoever reads.

use engine::Cancel;

use crate::made::{Made, Served};

const QUERIES: [&str; 9] = [
    "WindowsEvent | count",
    "SecurityEvent | summarize count(), make_set(Account) by EventID, Computer",
    "DeviceProcessEvents | where ProcessCommandLine has 'cmd' or FileName endswith 'svc.exe'",
    "DeviceLogonEvents | join kind=inner DeviceProcessEvents on DeviceName | summarize count() by AccountName",
    "SecurityEvent | where TimeGenerated > ago(30d) | summarize arg_max(TimeGenerated, *) by Computer",
    "Event | top 7 by TimeGenerated desc",
    "SecurityEvent | where EventID in (4624, 5140, 5145) and extract('([a-z]+)', 1, Account) != ''",
    "union withsource=T SecurityEvent, DeviceFileEvents, DeviceNetworkEvents | summarize count() by T",
    "SecurityEvent | take 3",
];

#[test]
fn any_number_of_workers_reads_what_one_process_reads() {
    let made = Made::of_samples();
    let workers: Vec<Served> = (0..4).map(|_| Served::start()).collect();
    let alone = QUERIES.map(|query| made.rows(query, None, &Cancel::default()).unwrap());
    for count in [1, 2, 4] {
        let urls = workers.iter().take(count).map(|worker| worker.url.clone()).collect();
        let cluster = made.connect(urls).unwrap();
        for (query, alone) in QUERIES.iter().zip(&alone) {
            let together = made.rows(query, Some(&cluster), &Cancel::default()).unwrap();
            assert_eq!(&together, alone, "{count} workers: {query}");
        }
        assert!(cluster.told.lock().unwrap().is_empty());
        let tasks = cluster.cluster.tasks();
        let mut used: Vec<&str> = tasks.iter().map(|task| task.worker.as_str()).collect();
        used.sort_unstable();
        used.dedup();
        assert_eq!(used.len(), count, "all of them work");
        assert!(tasks.iter().any(|task| task.rows_sent > 0 && task.bytes_sent > 0));
    }
}

#[test]
fn with_more_workers_the_largest_task_is_smaller() {
    let made = Made::of_samples();
    let workers: Vec<Served> = (0..4).map(|_| Served::start()).collect();
    let inputs = made.inputs();
    let files: Vec<_> = inputs
        .iter()
        .filter_map(|input| match input {
            engine::Input::Kept(file) => Some(std::sync::Arc::clone(file)),
            _ => None,
        })
        .collect();
    assert_eq!(files.len(), inputs.len());
    let largest_file = files.iter().map(|file| file.rows).max().unwrap();
    let of = |count: usize| {
        let urls = workers.iter().take(count).map(|worker| worker.url.clone()).collect();
        let cut = made.connect(urls).unwrap().cluster.cut(&files);
        assert_eq!(cut.iter().map(|(files, _)| files).sum::<usize>(), files.len());
        cut.iter().map(|(_, rows)| *rows).max().unwrap()
    };
    let [one, two, four] = [1, 2, 4].map(of);
    // A file is not cut.
    assert!(one >= two && two >= four && four >= largest_file, "{one} {two} {four}");
}
