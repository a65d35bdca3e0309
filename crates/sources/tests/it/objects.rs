//! Objects of a store as inputs: one, or all below a name.

use std::sync::Arc;

use object_store::{ObjectStore, ObjectStoreExt, memory::InMemory, path::Path};
use sources::{discover_objects, is_object_url, object_inputs, scan};

use crate::collect::{Collected, KNOWN, all_events};

const EVENT: &str = r#"{"EventID":1,"SourceName":"P","Channel":"c","Hostname":"h","TimeCreated":"2020-01-01T00:00:00Z"}"#;

fn store(objects: &[(&str, Vec<u8>)]) -> Arc<dyn ObjectStore> {
    let store = InMemory::new();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for (name, bytes) in objects {
        runtime.block_on(store.put(&Path::from(*name), bytes.clone().into())).unwrap();
    }
    Arc::new(store)
}

#[test]
fn objects_are_read_as_files_are() {
    let reference = testkit::reference!("logs");
    let log = reference.bytes("logs/ID5140-Failed ADMIN$ share access.evtx");
    let zip = reference.bytes("logs/schtask_create.zip");
    let store = store(&[
        ("logs/b.evtx", log),
        ("logs/a/x.zip", zip),
        ("logs/c.json", EVENT.as_bytes().to_vec()),
        ("logs/empty", Vec::new()),
        ("other/d.json", EVENT.as_bytes().to_vec()),
    ]);
    let inputs = object_inputs(&store, &Path::from("logs"), "s3://bucket/").unwrap();
    let names: Vec<_> = inputs.iter().map(|input| input.path().display().to_string()).collect();
    assert_eq!(
        names,
        ["s3://bucket/logs/a/x.zip", "s3://bucket/logs/b.evtx", "s3://bucket/logs/c.json"]
    );
    let local = ["schtask_create.zip", "ID5140-Failed ADMIN$ share access.evtx"].map(|file| {
        crate::collect::scan_file(reference.path(&format!("logs/{file}")), &all_events())
    });
    for (input, local) in inputs.iter().zip(&local) {
        let mut collected = Collected::default();
        collected.summaries = scan(input, &all_events(), &KNOWN.0, &mut collected);
        collected.assert_balances();
        assert_eq!(collected.problem_texts(), [""; 0]);
        assert!(collected.rows() == local.rows(), "{}", input.path().display());
    }
    let one = object_inputs(&store, &Path::from("other/d.json"), "s3://bucket/").unwrap();
    assert_eq!(one.len(), 1);
    assert!(object_inputs(&store, &Path::from("none"), "s3://bucket/").unwrap().is_empty());
}

#[test]
fn only_addresses_of_stores_are_addresses() {
    for address in ["s3://b/x", "az://c/x", "abfss://c@a.dfs.core.windows.net/x", "gs://b"] {
        assert!(is_object_url(address), "{address}");
    }
    for path in ["logs", "/s3/x", "https://example.org/x", "C:\\logs", "file:///x"] {
        assert!(!is_object_url(path), "{path}");
    }
}

#[test]
fn an_address_that_is_none_is_a_problem() {
    let discovery = discover_objects("s3:///", &[]);
    assert!(discovery.inputs.is_empty());
    assert_eq!(discovery.problems.len(), 1, "{:?}", discovery.problems);
}
