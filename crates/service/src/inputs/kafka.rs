//! Topics of Kafka and of Event Hubs: records in, offsets committed behind the lake.
//!
//! All partitions of a topic are read, by number; where each stands is in the lake's ledger, in the same commit
//! as the rows, so that every message comes in once (`lake`, `Identity::Behind`). The group's offsets are
//! committed after that, for whoever watches them, and are where a lake that knows nothing of the topic starts.
//!
//! A message is a record, or several as Defender's streaming sends them: `{"records": [...]}`.

use std::{collections::BTreeMap, io, sync::Arc, thread, time::Duration};

use lake::{Cursor, Identity, Offer};
use rdkafka::{
    ClientConfig, Message, Offset, TopicPartitionList,
    consumer::{BaseConsumer, CommitMode, Consumer},
    error::KafkaError,
    message::BorrowedMessage,
    metadata::{MetadataPartition, MetadataTopic},
    topic_partition_list::TopicPartitionListElem,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sources::{Input, Piece};
use tokio::sync::watch;

use crate::intake::{InputState, Intake};

/// Bytes of messages that are taken in together, about.
const ROUND_BYTES: usize = 8 << 20;
/// How long to wait for messages.
const WAIT: Duration = Duration::from_millis(200);
/// How long to wait for what brokers say of themselves.
const ASK: Duration = Duration::from_secs(10);
/// After how long to try again what failed.
const RETRY: Duration = Duration::from_secs(1);
/// Rounds after which to ask for new partitions, and how far each is behind.
const ASK_AFTER: u32 = 50;

/// A topic that is read.
#[derive(Clone, Debug)]
pub(crate) struct Topic {
    pub(crate) name: String,
    /// Settings of librdkafka, by their names: `bootstrap.servers` and what it takes to sign in.
    pub(crate) settings: Vec<(String, String)>,
}

/// How far a partition has been read.
#[derive(Clone, Debug, Default)]
struct Partition {
    stream: String,
    /// The offset of the next message that is not in the lake; 0 before the first.
    next: u64,
    /// The offset of the next message to come.
    coming: u64,
    /// Records that are in the lake.
    records: u64,
    /// Records that have come since.
    lines: Vec<u8>,
    count: u64,
}

/// What the ledger keeps of a place.
#[derive(Debug, Serialize, Deserialize)]
struct PartitionState {
    topic: String,
    partition: i32,
    /// Records before the place.
    kafka_records: u64,
}

/// What Defender's streaming API sends in a message.
#[derive(Deserialize)]
struct Envelope<'m> {
    #[serde(borrow)]
    records: Vec<&'m RawValue>,
}

/// Starts to read a topic, on a thread of its own, until told to stop.
///
/// # Errors
///
/// If there is no thread for it.
pub(crate) fn start(
    topic: Topic,
    intake: Arc<Intake>,
    stop: watch::Receiver<bool>,
) -> io::Result<thread::JoinHandle<()>> {
    let work = move || {
        let input = format!("kafka:{}", topic.name);
        intake.inputs().change(&input, |_| {});
        while !*stop.borrow() {
            let Err(error) = read(&topic, &input, &intake, &stop) else { break };
            tracing::error!(%error, input, "a topic is not read");
            intake.inputs().change(&input, |state| state.note(error.to_string()));
            thread::sleep(RETRY);
        }
    };
    thread::Builder::new().name("kafka".to_owned()).spawn(work)
}

fn read(
    topic: &Topic,
    input: &str,
    intake: &Intake,
    stop: &watch::Receiver<bool>,
) -> Result<(), KafkaError> {
    let mut config = ClientConfig::new();
    config.set("group.id", "quarry");
    config.set("auto.offset.reset", "earliest");
    for (name, value) in &topic.settings {
        config.set(name, value);
    }
    // Only what is in the lake is committed.
    config.set("enable.auto.commit", "false").set("enable.auto.offset.store", "false");
    let consumer: BaseConsumer = config.create()?;
    let mut reading = Reading { topic, input, intake, consumer, partitions: BTreeMap::new() };
    let mut round = 0_u32;
    while !*stop.borrow() {
        if round.checked_rem(ASK_AFTER) == Some(0) {
            reading.ask()?;
        }
        round = round.wrapping_add(1);
        reading.gather()?;
        while !reading.bring_in()? {
            if *stop.borrow() {
                return Ok(());
            }
            thread::sleep(RETRY);
        }
    }
    Ok(())
}

struct Reading<'t> {
    topic: &'t Topic,
    input: &'t str,
    intake: &'t Intake,
    consumer: BaseConsumer,
    partitions: BTreeMap<i32, Partition>,
}

impl Reading<'_> {
    /// Asks which partitions there are, and how far each is behind.
    fn ask(&mut self) -> Result<(), KafkaError> {
        let topic = &self.topic.name;
        let metadata = self.consumer.fetch_metadata(Some(topic), ASK)?;
        let partitions = metadata.topics().iter().flat_map(MetadataTopic::partitions);
        let numbers: Vec<i32> = partitions.map(MetadataPartition::id).collect();
        let (mut lag, mut cursor) = (0_u64, Vec::new());
        let mut has_new = false;
        for number in numbers {
            let (low, high) = self.consumer.fetch_watermarks(topic, number, ASK)?;
            let [low, high] = [low, high].map(|it| u64::try_from(it).unwrap_or_default());
            if !self.partitions.contains_key(&number) {
                let partition = self.find(number, low, high)?;
                self.partitions.insert(number, partition);
                has_new = true;
            }
            let next = self.partitions.get(&number).map_or(0, |it| it.next);
            lag = lag.saturating_add(high.saturating_sub(next.max(low)));
            cursor.push(format!("{number}:{next}"));
        }
        self.intake.inputs().change(self.input, |state| {
            state.lag = Some(lag);
            state.cursor = Some(cursor.join(" "));
        });
        if has_new { self.assign() } else { Ok(()) }
    }

    /// Finds where a partition stands.
    fn find(&self, number: i32, low: u64, high: u64) -> Result<Partition, KafkaError> {
        let topic = &self.topic.name;
        let pieces = self.intake.lake().pieces();
        let names = (0_u32..).map(|era| format!("kafka:{topic}/{number}#{era}"));
        for stream in names {
            let Some(last) = pieces.get(&stream).and_then(|pieces| pieces.last()) else {
                // Where the lake knows nothing, the group may.
                let mut asked = TopicPartitionList::new();
                asked.add_partition(topic, number);
                let committed = self.consumer.committed_offsets(asked, ASK)?;
                let offset = committed.elements().first().map(TopicPartitionListElem::offset);
                let coming = match offset {
                    Some(Offset::Offset(offset)) => u64::try_from(offset).unwrap_or(low),
                    _ => low,
                };
                let coming = if (low..=high).contains(&coming) { coming } else { low };
                return Ok(Partition { stream, coming, ..Partition::default() });
            };
            let position = last.cursor.position;
            // A topic that was made anew starts anew: what was read of the former one says nothing.
            if position > high {
                continue;
            }
            let state: Option<PartitionState> = serde_json::from_str(&last.cursor.state).ok();
            let records = state.map_or(0, |state| state.kafka_records);
            let coming = position.max(low);
            return Ok(Partition {
                stream,
                next: position,
                coming,
                records,
                ..Partition::default()
            });
        }
        Ok(Partition::default())
    }

    /// Has messages come from where the partitions stand.
    fn assign(&self) -> Result<(), KafkaError> {
        let mut places = TopicPartitionList::new();
        for (number, partition) in &self.partitions {
            let offset = Offset::Offset(i64::try_from(partition.coming).unwrap_or(i64::MAX));
            places.add_partition_offset(&self.topic.name, *number, offset)?;
        }
        self.consumer.assign(&places)
    }

    /// Takes the messages that are there.
    fn gather(&mut self) -> Result<(), KafkaError> {
        let (mut bytes, mut wait) = (0_usize, WAIT);
        while bytes < ROUND_BYTES {
            let Some(message) = self.consumer.poll(wait) else { break };
            let message = message?;
            let Some(partition) = self.partitions.get_mut(&message.partition()) else { continue };
            bytes = bytes.saturating_add(message.payload_len());
            partition.add(&message);
            wait = Duration::ZERO;
        }
        Ok(())
    }

    /// Puts what has come into the lake; `false` if that has to be tried again.
    fn bring_in(&mut self) -> Result<bool, KafkaError> {
        let (mut offers, mut numbers, mut bytes) = (Vec::new(), Vec::new(), 0_usize);
        for (number, partition) in self.partitions.iter().filter(|(_, it)| it.count > 0) {
            offers.push(partition.offer(&self.topic.name, *number));
            numbers.push(*number);
            bytes = bytes.saturating_add(partition.lines.len());
        }
        if offers.is_empty() {
            return Ok(true);
        }
        let mut held = self.intake.enter();
        let taken = match held.grow_to_whole(bytes) {
            Err(full) => {
                let refused = |it: &mut InputState| it.refused = it.refused.saturating_add(1);
                self.intake.inputs().change(self.input, refused);
                Err(full.to_string())
            }
            Ok(()) => self.intake.take_blocking(offers, held).map_err(|error| {
                let failed = |it: &mut InputState| it.failed = it.failed.saturating_add(1);
                self.intake.inputs().change(self.input, failed);
                error.to_string()
            }),
        };
        let taken = match taken {
            Ok(taken) => taken,
            Err(problem) => {
                tracing::warn!(input = self.input, "{problem}");
                self.intake.inputs().change(self.input, |state| state.note(problem));
                return Ok(false);
            }
        };
        self.intake.count(self.input, &taken, u64::try_from(bytes).unwrap_or(u64::MAX));
        let mut done = TopicPartitionList::new();
        let mut is_elsewhere = false;
        for (number, taken) in numbers.into_iter().zip(taken) {
            let Some(partition) = self.partitions.get_mut(&number) else { continue };
            if taken.is_repeated {
                // Another process has read on: the ledger says how far.
                self.partitions.remove(&number);
                is_elsewhere = true;
                continue;
            }
            partition.passed();
            let offset = Offset::Offset(i64::try_from(partition.next).unwrap_or(i64::MAX));
            done.add_partition_offset(&self.topic.name, number, offset)?;
        }
        if done.count() > 0 {
            // The ledger counts; that the group does not know does no harm.
            let committed = self.consumer.commit(&done, CommitMode::Async);
            if let Err(error) = committed {
                tracing::warn!(%error, input = self.input, "offsets were not committed");
            }
        }
        if is_elsewhere {
            // A ledger that cannot be read is told by the next attempt.
            let _unread = self.intake.lake().update();
            self.ask()?;
        }
        Ok(true)
    }
}

impl Partition {
    /// Adds the records of a message.
    fn add(&mut self, message: &BorrowedMessage<'_>) {
        let offset = u64::try_from(message.offset()).unwrap_or_default();
        self.coming = self.coming.max(offset.saturating_add(1));
        let text = String::from_utf8_lossy(message.payload().unwrap_or_default());
        match serde_json::from_str::<Envelope<'_>>(&text) {
            Ok(envelope) => envelope.records.iter().for_each(|record| self.add_line(record.get())),
            Err(_) if text.trim_start().starts_with("<Event") => {
                self.add_line(&serde_json::json!({ "_raw": text.trim() }).to_string());
            }
            Err(_) => self.add_line(&text),
        }
    }

    fn add_line(&mut self, record: &str) {
        if record.trim().is_empty() {
            return;
        }
        // A line break between the parts of an object says what a space says.
        let plain = |byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { byte };
        self.lines.extend(record.bytes().map(plain));
        self.lines.push(b'\n');
        self.count = self.count.saturating_add(1);
    }

    fn offer(&self, topic: &str, number: i32) -> Offer {
        let state = PartitionState {
            topic: topic.to_owned(),
            partition: number,
            kafka_records: self.records.saturating_add(self.count),
        };
        // Nothing in these values can fail to be written.
        let state = serde_json::to_string(&state).unwrap_or_else(|_| "null".to_owned());
        let path = format!("kafka/{topic}/{number}").into();
        Offer {
            input: Input::of_bytes(path, self.lines.clone()),
            identity: Identity::Behind {
                stream: self.stream.clone(),
                start: self.next,
                end: Cursor { position: self.coming, state },
            },
            piece: Piece::Lines { before: self.records },
        }
    }

    /// Takes note that all that has come is in the lake.
    fn passed(&mut self) {
        self.next = self.coming;
        self.records = self.records.saturating_add(self.count);
        self.count = 0;
        self.lines.clear();
    }
}
