//! `quarry worker`, and queries and hunts that have workers read: the same bytes.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use crate::quarry::{Outcome, quarry, workspace};

/// A worker that is killed when it is dropped.
struct Worker {
    child: Child,
    url: String,
}

impl Worker {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_quarry"))
            .args(["worker", "--listen", "127.0.0.1:0", "--threads", "1"])
            .current_dir(workspace())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
        let listening = lines.next().unwrap();
        assert_eq!(lines.next().as_deref(), Some("ready"));
        let address = listening.split("listening on ").nth(1).unwrap();
        Self { child, url: format!("http://{address}") }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It may have ended.
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}

#[test]
fn workers_print_what_one_process_prints() {
    let folder = tempfile::tempdir().unwrap();
    let lake = lake(&folder);
    let workers: Vec<Worker> = (0..4).map(|_| Worker::start()).collect();
    let commands: [&[&str]; 4] = [
        &["hunt", "--format", "jsonl"],
        &["hunt", "--format", "sentinel", "--now", "2024-06-01"],
        &["query", "--format", "json", "SecurityEvent | summarize count() by EventID, Computer"],
        &["query", "DeviceProcessEvents | where FileName has 'psexe' | project-reorder Timestamp"],
    ];
    for command in commands {
        let command = command.iter().copied().chain(["--lake", &lake]);
        let alone = quarry(command.clone());
        assert!([0, 1].contains(&alone.status), "{}", alone.stderr);
        for count in [1, 2, 4] {
            let urls: Vec<&str> = workers.iter().take(count).map(|it| it.url.as_str()).collect();
            let together = quarry(command.clone().chain(["--workers", &urls.join(",")]));
            assert_same(&together, &alone);
        }
    }
}

#[test]
fn a_worker_that_is_gone_is_told_and_the_others_read() {
    let folder = tempfile::tempdir().unwrap();
    let lake = lake(&folder);
    let mut workers = [Worker::start(), Worker::start()];
    let both = workers.each_ref().map(|worker| worker.url.clone()).join(",");
    let [gone, _] = &mut workers;
    gone.child.kill().unwrap();
    gone.child.wait().unwrap();
    let query = ["query", "SecurityEvent | summarize count() by EventID", "--lake", &lake];
    let alone = quarry(query);
    let together = quarry(query.into_iter().chain(["--workers", &both]));
    assert_eq!((together.status, &together.stdout), (0, &alone.stdout), "{}", together.stderr);
    assert!(together.stderr.contains(&gone.url), "{}", together.stderr);
    let only = quarry(query.into_iter().chain(["--workers", &gone.url]));
    assert_eq!((only.status, only.stdout.as_str()), (2, ""));
    assert!(only.stderr.contains(&gone.url), "{}", only.stderr);
}

#[test]
fn the_plan_says_what_workers_do_and_why_not() {
    let folder = tempfile::tempdir().unwrap();
    let lake = lake(&folder);
    let worker = Worker::start();
    let explained = |query: &str| {
        let explained =
            quarry(["explain", "--plan", query, "--lake", &lake, "--workers", &worker.url]);
        assert_eq!(explained.status, 0, "{}", explained.stderr);
        explained.stdout
    };
    let split = explained("SecurityEvent | summarize count() by EventID");
    assert!(split.contains("stage 1, on workers: ") && split.contains("stage 2, here"), "{split}");
    let local = explained("WindowsEvent | take 5");
    assert!(local.contains("read here: a few rows suffice"), "{local}");
}

fn lake(folder: &TempDir) -> String {
    let lake = folder.path().join("lake").to_str().unwrap().to_owned();
    let ingested = quarry(["ingest", "--lake", &lake, "samples"]);
    assert!([0, 3].contains(&ingested.status), "{}", ingested.stderr);
    lake
}

fn assert_same(one: &Outcome, other: &Outcome) {
    assert_eq!(one.stdout, other.stdout);
    assert_eq!(one.stderr, other.stderr);
    assert_eq!(one.status, other.status);
}
