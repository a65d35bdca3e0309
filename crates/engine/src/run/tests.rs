//! What queries ask of the readers.

use evtx_arrow::EventRequest;

use super::*;

/// Returns what queries ask of the reader of events, each request as text.
fn asked(queries: &[&str]) -> Vec<String> {
    let environment = Environment::builtin(tables::Environment::Both);
    let engine = Engine::new(&environment, Settings::for_tests()).unwrap();
    let mut branches = Vec::new();
    for query in queries {
        let query = crate::compile(query, &environment, false).unwrap();
        branches.extend(engine.plan(&query, Clock::At(0), Keep::All).unwrap().branches);
    }
    let layout = Layout::new(&branches, &engine.schemas, ReadOptions::default()).unwrap();
    layout.request.events.iter().map(text).collect()
}

fn text(request: &EventRequest) -> String {
    let columns = request.schema();
    let columns: Vec<&str> = columns.fields().iter().map(|field| &**field.name()).collect();
    let filters = request.filters.iter().map(|filter| {
        let data = filter.data.iter().map(|condition| {
            let paths: Vec<String> = condition.paths.iter().map(|it| it.join(".")).collect();
            format!(", {:?} in {}", condition.needles.texts(), paths.join(" or "))
        });
        let data: String = data.collect();
        format!("{:?} {:?}{data}", filter.providers, filter.event_ids)
    });
    format!("{} where {}", columns.join(", "), filters.collect::<Vec<_>>().join("; "))
}

#[test]
fn all_queries_together_make_one_request_per_kind_of_event() {
    let tools = "DeviceProcessEvents | where FileName in~ ('psexec.exe', 'paexec.exe') \
                 | project DeviceName";
    let net = "DeviceProcessEvents | where FileName =~ 'net.exe' \
               and ProcessCommandLine has 'use' | project ProcessCommandLine";
    assert_eq!(
        asked(&[tools, net]),
        [
            "RecordId, EventId, Channel, Computer, TimeCreated, ProviderName, \
             EventData.Image as text, EventData.CommandLine as text, line \
             where Some([\"Microsoft-Windows-Sysmon\"]) Some([1]), \
             [\"psexec.exe\", \"paexec.exe\"] in Image; \
             Some([\"Microsoft-Windows-Sysmon\"]) Some([1]), [\"net.exe\"] in Image, \
             [\"use\"] in CommandLine",
            "RecordId, EventId, Channel, Computer, TimeCreated, ProviderName, \
             EventData.NewProcessName as text, EventData.CommandLine as text, line \
             where Some([\"Microsoft-Windows-Security-Auditing\"]) Some([4688]), \
             [\"psexec.exe\", \"paexec.exe\"] in NewProcessName; \
             Some([\"Microsoft-Windows-Security-Auditing\"]) Some([4688]), [\"net.exe\"] \
             in NewProcessName, [\"use\"] in CommandLine",
        ]
    );
}
