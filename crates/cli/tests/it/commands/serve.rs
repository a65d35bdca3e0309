//! `quarry serve`: what holds when it is killed, and how it ends.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use serde_json::Value;
use testkit::Folder;

use crate::quarry::{Outcome, quarry, workspace};

/// A service that is killed when it is dropped.
struct Served {
    child: Child,
    address: String,
}

impl Served {
    fn start(lake: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_quarry"))
            .args(["serve", "--listen", "127.0.0.1:0", "--lake", lake, "--no-package"])
            .current_dir(workspace())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        BufReader::new(child.stderr.take().unwrap()).read_line(&mut said).unwrap();
        let address = said.split("http://").nth(1).and_then(|it| it.split(',').next());
        let address = address.unwrap_or_else(|| panic!("{said}")).to_owned();
        Self { child, address }
    }

    /// Sends a batch; `None` if no answer came.
    fn send(&self, name: &str, body: &str) -> Option<Value> {
        let mut stream = TcpStream::connect(&self.address).ok()?;
        let head = format!(
            "POST /ingest/DeviceLogonEvents HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\
             Quarry-Batch: {name}\r\nContent-Length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        stream.write_all(format!("{head}{body}").as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let is_taken = answer.starts_with("HTTP/1.1 200");
        let (_, body) = answer.split_once("\r\n\r\n").filter(|_| is_taken)?;
        Some(serde_json::from_str(body).unwrap())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended.
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}

/// The rows of a batch, each with a name of its own.
fn batch(number: usize) -> String {
    let row = |row: usize| {
        format!(
            "{{\"Timestamp\":\"2024-05-{:02}T10:00:00Z\",\"DeviceName\":\"pc-{number}-{row}\",\
             \"ActionType\":\"LogonSuccess\"}}\n",
            (row % 28).saturating_add(1)
        )
    };
    (0..40).map(row).collect()
}

const BATCHES: usize = 12;

/// However often the service is killed: what it has answered for is in the lake, and a batch that is sent
/// until it is answered is there once.
#[test]
fn what_is_answered_is_there_once_though_the_service_is_killed() {
    let folder = Folder::empty();
    let lake = folder.path().join("lake").display().to_string();
    let mut answered = 0;
    let mut kills = 0;
    // Later and later, so that it dies in each part of its work.
    for patience in (40..).step_by(70) {
        let mut served = Served::start(&lake);
        let killed = thread::scope(|scope| {
            let id = served.child.id().to_string();
            let killer = scope.spawn(move || {
                thread::sleep(Duration::from_millis(patience));
                Command::new("kill").args(["-9", &id]).stderr(Stdio::null()).status().unwrap()
            });
            while answered < BATCHES {
                let Some(told) = served.send(&format!("b{answered}"), &batch(answered)) else {
                    break;
                };
                assert_eq!((&told["accepted"], &told["rejected"]), (&40.into(), &0.into()));
                answered += 1;
            }
            let is_done = answered == BATCHES;
            killer.join().unwrap();
            !is_done
        });
        served.child.wait().unwrap();
        if !killed {
            break;
        }
        kills += 1;
        assert!(kills < 60, "{answered} batches were answered");
    }
    assert!(kills > 1, "it was not killed at work");
    let query = "DeviceLogonEvents | summarize n = count(), names = dcount(DeviceName)";
    let outcome = quarry(["query", "--format", "csv", "--lake", &lake, query]);
    assert_eq!(outcome.stdout, "n,names\r\n480,480\r\n", "{}", outcome.stderr);
}

#[test]
fn a_signal_ends_it_in_an_orderly_way() {
    let folder = Folder::empty();
    let lake = folder.path().join("lake").display().to_string();
    let mut served = Served::start(&lake);
    assert!(served.send("b", &batch(0)).is_some());
    let id = served.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert_eq!(served.child.wait().unwrap().code(), Some(0));
}

#[test]
fn where_it_cannot_serve_it_says_why() {
    for (args, said) in [
        (&["--listen", "0.0.0.0:0", "samples"][..], "there is no certificate for TLS"),
        (&["--tls-cert", "c.pem", "samples"], "--tls-key"),
        (&["--tls-cert", "nowhere.pem", "--tls-key", "k.pem"], "nowhere.pem: No such file"),
        (&["--tls-cert", "README.md", "--tls-key", "README.md"], "there is no certificate"),
        (&["--origin", "https://page.example/path"], "without a path"),
        (&["--listen", "127.0.0.1:0", "nowhere"], "nowhere: no such file"),
        (&["--listen", "nowhere"], "invalid socket address"),
        (&["--as-of", "1"], "--lake"),
    ] {
        let outcome = quarry(["serve"].iter().chain(args));
        assert_eq!((outcome.status, &*outcome.stdout), (2, ""), "{args:?}");
        assert!(outcome.stderr.contains(said), "{args:?}: {}", outcome.stderr);
    }
}

fn check(args: &[&str]) -> Outcome {
    quarry(["serve", "--check"].iter().chain(args))
}

#[test]
fn what_it_would_serve_is_looked_at_and_nothing_is_made() {
    let folder = Folder::empty();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (lake, state) = (path("lake"), path("state"));
    let outcome = check(&["--lake", &lake, "--state", &state, "samples/lateral"]);
    assert_eq!(outcome.status, 2, "{}", outcome.stderr);
    let outcome = check(&["--lake", &lake, "--state", &state, "samples"]);
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    for line in ["TLS: none", "tokens: none", "listen: 127.0.0.1:8080", "not there yet", "files: "]
    {
        assert!(outcome.stdout.contains(line), "{line}: {}", outcome.stdout);
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let made = quarry(["token", "add", "anna", "--role", "read", "--state", &state]);
    assert_eq!(made.status, 0, "{}", made.stderr);
    let outcome = check(&["--state", &state, "samples"]);
    assert!(outcome.stdout.contains("tokens: 1\n"), "{}", outcome.stdout);
    let everywhere = ["--listen", "0.0.0.0:0", "--state", &state, "samples"];
    let outcome = check(&everywhere);
    assert_eq!(outcome.status, 2);
    assert!(outcome.stderr.contains("there is no certificate for TLS"), "{}", outcome.stderr);
}

/// Each line is an object that says who asked what, and not the query.
#[test]
fn requests_are_logged_as_json() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_quarry"))
        .args(["serve", "--listen", "127.0.0.1:0", "--log-format", "json", "--log-level", "debug"])
        .arg("samples")
        .current_dir(workspace())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
    let address = said.by_ref().map(Result::unwrap).find_map(|line| {
        let address = line.split("http://").nth(1)?.split(',').next()?;
        Some(address.to_owned())
    });
    let address = address.unwrap();
    let served = Served { child, address };
    let mut stream = TcpStream::connect(&served.address).unwrap();
    let asked = "GET /v1/rest/query?csl=print%20'secret' HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(asked.as_bytes()).unwrap();
    stream.read_to_string(&mut String::new()).unwrap();
    let line = said.map(Result::unwrap).find(|line| line.contains("answered")).unwrap();
    let line: Value = serde_json::from_str(&line).unwrap();
    let fields = &line["fields"];
    assert_eq!((&fields["path"], &fields["status"]), (&"/v1/rest/query".into(), &200.into()));
    assert_eq!((&line["level"], line.to_string().contains("secret")), (&"DEBUG".into(), false));
}
