//! The input is read once, however many queries there are, and every record is accounted for.

use std::{
    collections::BTreeMap,
    io,
    ops::Range,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use engine::{Clock, CompiledQuery, Engine, Environment, Input, NoProgress, compile};
use sources::RemoteFile;
use testkit::Reference;

use crate::answer::settings;

/// Queries that want different events, and different fields of them.
const QUERIES: [&str; 4] = [
    "WindowsEvent | where EventID == 5145 and EventData.ShareName endswith 'ADMIN$' | project Computer",
    "WindowsEvent | where Provider == 'Microsoft-Windows-Sysmon' and EventID == 3 | project EventData.Image",
    "WindowsEvent | where Channel =~ 'Security' and EventData.CommandLine has 'use' | project EventID",
    "SecurityEvent | where EventID == 4624 | project Account",
];

/// A file that keeps account of what is read of it.
#[derive(Debug)]
struct Counted {
    name: String,
    bytes: Bytes,
    reads: Arc<Mutex<BTreeMap<String, Vec<Range<u64>>>>>,
}

impl RemoteFile for Counted {
    fn len(&self) -> u64 {
        u64::try_from(self.bytes.len()).unwrap()
    }

    fn read_range(&self, range: Range<u64>) -> io::Result<Bytes> {
        let mut reads = self.reads.lock().unwrap();
        reads.entry(self.name.clone()).or_default().push(range.clone());
        let at = |offset: u64| usize::try_from(offset).unwrap();
        Ok(self.bytes.slice(at(range.start)..at(range.end)))
    }
}

type Reads = BTreeMap<String, Vec<Range<u64>>>;

/// Runs queries over all real logs and returns what was read, and of how many bytes.
fn reads(reference: &Reference, queries: &[CompiledQuery]) -> (Reads, BTreeMap<String, u64>) {
    let reads: Arc<Mutex<Reads>> = Arc::default();
    let mut lens = BTreeMap::new();
    let manifest: Vec<serde_json::Value> =
        serde_json::from_str(&reference.text("logs/manifest.json")).unwrap();
    let inputs: Vec<Input> = manifest
        .iter()
        .map(|entry| {
            let name = entry["file"].as_str().unwrap().to_owned();
            let bytes = Bytes::from(reference.bytes(&format!("logs/{name}")));
            lens.insert(name.clone(), u64::try_from(bytes.len()).unwrap());
            let reads = Arc::clone(&reads);
            let file = Counted { name: name.clone(), bytes, reads };
            Input::Remote(PathBuf::from(name), Arc::new(file))
        })
        .collect();
    let environment = Environment::builtin(tables::Environment::Both);
    let engine = Engine::new(&environment, settings()).unwrap();
    let run = engine.run(queries, &inputs, Clock::At(0), &NoProgress).unwrap();
    let balance = run.balance();
    let problems: Vec<String> = balance.problems.iter().map(ToString::to_string).collect();
    assert_eq!(problems, [""; 0]);
    let mut records = 0;
    for (member, entry) in balance.members.iter().zip(&manifest) {
        assert_eq!(member.read, member.matched + member.not_needed + member.rejected, "{member:?}");
        assert_eq!(Some(member.read), entry["records"].as_u64(), "{member:?}");
        assert!(member.duplicates <= member.not_needed, "{member:?}");
        records += member.read;
    }
    assert_eq!(balance.members.len(), manifest.len());
    assert!(records > 30_000, "{records}");
    let found = reads.lock().unwrap().clone();
    (found, lens)
}

#[test]
fn a_hunt_reads_each_file_once_whatever_the_number_of_queries() {
    let reference = testkit::reference!("logs");
    let environment = Environment::builtin(tables::Environment::Both);
    let compiled = QUERIES.map(|query| compile(query, &environment, true).unwrap());
    let (once, lens) = reads(&reference, &compiled[..1]);
    let many: Vec<CompiledQuery> = compiled.iter().cycle().take(30).cloned().collect();
    let (with_many, _) = reads(&reference, &many);
    assert_eq!(once, with_many);
    for (name, ranges) in once {
        // An archive's directory is at its end, so that it is read from several places.
        if std::path::Path::new(&name).extension().is_none_or(|it| it != "zip") {
            let end = ranges.iter().fold(0, |at, range| {
                assert_eq!(range.start, at, "{name}: {ranges:?}");
                range.end
            });
            assert_eq!(end, lens[&name], "{name}");
        }
    }
}
