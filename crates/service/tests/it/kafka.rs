//! Topics of Kafka, as the mock cluster of librdkafka has them.

use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

use rdkafka::{
    ClientConfig,
    consumer::{BaseConsumer, Consumer},
    mocking::MockCluster,
    producer::{BaseProducer, BaseRecord, Producer},
    topic_partition_list::TopicPartitionListElem,
};
use serde_json::{Value, json};
use testkit::Folder;

use crate::client::{Served, Setup};

const TOPIC: &str = "insights";

fn start(folder: &Path, brokers: &str) -> Served {
    Served::start(Setup {
        lake_folder: Some(folder.join("lake")),
        topics: vec![(TOPIC.to_owned(), brokers.to_owned())],
        ..Setup::new()
    })
}

/// What Defender's streaming API sends: several rows in a message.
fn message(numbers: std::ops::Range<u64>) -> String {
    let row = |number: u64| {
        json!({
            "time": "2024-05-01T10:00:01Z",
            "category": "AdvancedHunting-DeviceLogonEvents",
            "properties": {
                "Timestamp": "2024-05-01T10:00:00Z",
                "DeviceName": "pc7",
                "AccountName": number.to_string(),
                "ActionType": "LogonSuccess",
            },
        })
    };
    json!({ "records": numbers.map(row).collect::<Vec<Value>>() }).to_string()
}

#[track_caller]
fn wait_for(served: &Served, expected: &Value) {
    let query =
        "DeviceLogonEvents | summarize count(), dcount(AccountName), sum(tolong(AccountName))";
    let started = Instant::now();
    loop {
        let reply = served.post("/v1/rest/query", &json!({ "csl": query })).json();
        let rows = &reply["Tables"][0]["Rows"];
        if rows == expected {
            return;
        }
        assert!(started.elapsed() < Duration::from_mins(1), "{reply} is not {expected}");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn each_message_comes_in_once_and_offsets_are_committed_behind_it() {
    let cluster = MockCluster::new(1).unwrap();
    cluster.create_topic(TOPIC, 2, 1).unwrap();
    let brokers = cluster.bootstrap_servers();
    let producer: BaseProducer =
        ClientConfig::new().set("bootstrap.servers", &brokers).create().unwrap();
    let send = |partition: i32, payload: &str| {
        let record = BaseRecord::<(), str>::to(TOPIC).partition(partition).payload(payload);
        producer.send(record).unwrap();
        producer.flush(Duration::from_secs(10)).unwrap();
    };
    let folder = Folder::empty();
    send(0, &message(1..4));
    send(1, &message(4..6));
    send(1, "hello");
    let served = start(folder.path(), &brokers);
    wait_for(&served, &json!([[5, 5, 15]]));
    send(0, &message(6..8));
    wait_for(&served, &json!([[7, 7, 28]]));
    // The group knows how far it is.
    let group: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", &brokers)
        .set("group.id", "quarry")
        .create()
        .unwrap();
    let started = Instant::now();
    loop {
        let mut asked = rdkafka::TopicPartitionList::new();
        asked.add_partition(TOPIC, 0);
        asked.add_partition(TOPIC, 1);
        let committed = group.committed_offsets(asked, Duration::from_secs(10)).unwrap();
        let offsets: Vec<_> =
            committed.elements().iter().map(TopicPartitionListElem::offset).collect();
        if offsets == [rdkafka::Offset::Offset(2), rdkafka::Offset::Offset(2)] {
            break;
        }
        assert!(started.elapsed() < Duration::from_mins(1), "{offsets:?}");
        thread::sleep(Duration::from_millis(50));
    }
    drop(served);
    send(1, &message(8..10));
    let served = start(folder.path(), &brokers);
    wait_for(&served, &json!([[9, 9, 45]]));
    let query = "LakeInput | summarize sum(RecordsStored), sum(RecordsRejected)";
    let rows = served.post("/v1/rest/query", &json!({ "csl": query })).json();
    assert_eq!(rows["Tables"][0]["Rows"], json!([[9, 1]]));
}
