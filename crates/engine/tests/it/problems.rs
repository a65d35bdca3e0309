//! What could not be read is held as long as the run is, and takes of its memory.

use engine::{Clock, Engine, Environment, NoProgress, Settings, compile, discover};
use serde_json::json;
use testkit::Folder;

use crate::answer::{event, settings};

/// Lines that are not JSON.
const DAMAGED: usize = 50_000;

#[test]
fn damaged_lines_take_of_the_memory_and_never_more_than_there_is() {
    let line = event("Test", "Test", 1, &json!({"A": "b"}));
    let damaged = "{\"Event\": {\"System\": tru\n".repeat(DAMAGED);
    let folder = Folder::with(&[("events.jsonl", format!("{line}\n{damaged}{line}"))]);
    let environment = Environment::builtin(tables::Environment::Both);
    let query = compile("WindowsEvent | count", &environment, false).unwrap();
    let inputs = discover(&[folder.path().to_owned()]).inputs;
    let problems = |operator_bytes: usize| {
        let engine = Engine::new(&environment, Settings { operator_bytes, ..settings() }).unwrap();
        let run =
            engine.run(std::slice::from_ref(&query), &inputs, Clock::NewestEvent(0), &NoProgress);
        run.map(|run| run.balance().problems.len())
    };
    assert_eq!(problems(256 << 20).unwrap(), DAMAGED);
    let error = problems(4 << 20).unwrap_err();
    assert!(error.is_out_of_memory());
    assert!(error.to_string().starts_with("what could not be read"), "{error}");
}
