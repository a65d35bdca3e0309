//! The published detection, from its text to a typed tree.

use kql_bind::{bind, prune};
use kql_syntax::parse;

use crate::environment::Environment;

#[test]
fn the_published_detection_binds() {
    testkit::reference!("kql");
    let text = testkit::reference!("detection").text("detection/reference.kql");
    let (query, syntax) = parse(&text);
    assert_eq!(syntax, []);
    let (mut bound, found) = bind(&query, &Environment::reference("m365").unwrap());
    assert_eq!(found, []);
    let result = &mut bound.results[0];
    let names: Vec<&str> = result.columns.iter().map(|column| &*column.name).collect();
    assert_eq!(
        names,
        [
            "Timestamp",
            "DeviceName",
            "InitiatingProcessFileName",
            "InitiatingProcessCommandLine",
            "RemoteIP",
            "RemotePort",
            "RemoteUrl",
            "ActionType",
            "ProcessCommandLine",
            "AccountName",
            "Source",
        ]
    );
    prune(result);
    assert_eq!(result.columns.len(), 11);
}
