//! The inputs of the service: what has come in by each of them, and what has not.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use kql_types::{Ticks, datetime};
use serde::{Serialize, Serializer};

/// Problems of one input that are remembered, the newest ones.
const MOST_PROBLEMS: usize = 20;

/// All inputs, by name.
#[derive(Debug, Default)]
pub struct Inputs {
    states: Mutex<BTreeMap<String, InputState>>,
}

/// What is known of one input since the service started.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct InputState {
    /// Records that are in the lake.
    pub records: u64,
    /// Records that could not be read; `LakeInput` has the reasons.
    pub rejected: u64,
    /// Bytes that were taken, as they came.
    pub bytes: u64,
    /// Batches that are in the lake.
    pub batches: u64,
    /// Batches that were in already.
    pub repeated: u64,
    /// Batches that were not taken because too much waited.
    pub refused: u64,
    /// Batches that could not be put into the lake.
    pub failed: u64,
    /// When something came in last.
    #[serde(serialize_with = "time")]
    pub last: Option<Ticks>,
    /// Bytes, records or messages that are known to be there and are not in the lake; absent where nobody can
    /// know.
    pub lag: Option<u64>,
    /// Where the input stands: files that are followed, offsets.
    pub cursor: Option<String>,
    /// What went wrong last, the newest one at the end.
    pub problems: Vec<String>,
}

/// Writes a time as clients read it.
#[expect(clippy::ref_option, reason = "serde passes fields by reference")]
fn time<S: Serializer>(ticks: &Option<Ticks>, serializer: S) -> Result<S::Ok, S::Error> {
    match ticks {
        Some(ticks) => serializer.collect_str(&datetime::format_json(*ticks)),
        None => serializer.serialize_none(),
    }
}

impl Inputs {
    /// Changes the state of an input, which is new if it is not known.
    pub(crate) fn change(&self, name: &str, change: impl FnOnce(&mut InputState)) {
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        change(states.entry(name.to_owned()).or_default());
    }

    /// Returns what is known of each input.
    pub fn states(&self) -> BTreeMap<String, InputState> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Appends all of it in Prometheus' text format.
    pub(crate) fn write_metrics(&self, out: &mut String) {
        type Value = fn(&InputState) -> Option<u64>;
        let metrics: [(&str, &str, &str, Value); 8] = [
            ("records_total", "counter", "Records put into the lake.", |it| Some(it.records)),
            ("rejected_total", "counter", "Records that could not be read.", |it| {
                Some(it.rejected)
            }),
            ("bytes_total", "counter", "Bytes taken.", |it| Some(it.bytes)),
            ("batches_total", "counter", "Batches put into the lake.", |it| Some(it.batches)),
            ("repeated_total", "counter", "Batches that were in already.", |it| Some(it.repeated)),
            ("refused_total", "counter", "Batches refused because too much waited.", |it| {
                Some(it.refused)
            }),
            ("failed_total", "counter", "Batches that the lake failed to take.", |it| {
                Some(it.failed)
            }),
            ("lag", "gauge", "What is there and not in the lake yet.", |it| it.lag),
        ];
        let states = self.states();
        for (name, kind, help, value) in metrics {
            let lines: Vec<String> = states
                .iter()
                .filter_map(|(input, state)| {
                    let input = escaped(input);
                    Some(format!("quarry_input_{name}{{input=\"{input}\"}} {}\n", value(state)?))
                })
                .collect();
            if !lines.is_empty() {
                out.extend([
                    format!("# HELP quarry_input_{name} {help}\n"),
                    format!("# TYPE quarry_input_{name} {kind}\n"),
                ]);
                out.extend(lines);
            }
        }
    }
}

impl InputState {
    /// Takes note of something that went wrong, unless it is what went wrong last.
    pub(crate) fn note(&mut self, problem: String) {
        if self.problems.last() == Some(&problem) {
            return;
        }
        if self.problems.len() >= MOST_PROBLEMS {
            self.problems.remove(0);
        }
        self.problems.push(problem);
    }
}

/// Returns a label's value as Prometheus wants it.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_are_told_apart_by_label() {
        let inputs = Inputs::default();
        inputs.change("a\"b", |state| state.records = 7);
        inputs.change("c", |state| state.lag = Some(3));
        let mut text = String::new();
        inputs.write_metrics(&mut text);
        for line in [
            "# TYPE quarry_input_records_total counter",
            "quarry_input_records_total{input=\"a\\\"b\"} 7",
            "quarry_input_records_total{input=\"c\"} 0",
            "quarry_input_lag{input=\"c\"} 3",
        ] {
            assert!(text.lines().any(|it| it == line), "{line}\n{text}");
        }
        assert!(!text.contains("lag{input=\"a"), "{text}");
    }

    #[test]
    fn the_newest_problems_are_remembered() {
        let mut state = InputState::default();
        for number in 0..30 {
            state.note(format!("problem {number}"));
            state.note(format!("problem {number}"));
        }
        assert_eq!(state.problems.len(), MOST_PROBLEMS);
        assert_eq!(state.problems.last().unwrap(), "problem 29");
    }
}
