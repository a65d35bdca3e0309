//! One way of doing a thing, timed against others in the same run.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Bencher, Criterion, Throughput};

/// Our way and its baselines, all over the same input.
pub struct Comparison<'a> {
    name: String,
    input_bytes: u64,
    /// Ours is the first.
    ways: Vec<Way<'a>>,
}

struct Way<'a> {
    name: String,
    /// Does the work once and returns something that depends on all of it.
    run: Box<dyn FnMut() -> u64 + 'a>,
}

impl<'a> Comparison<'a> {
    /// Starts a comparison with our own way.
    ///
    /// - `input_bytes`: what every way goes over, once.
    /// - `ours`: does the work once and returns something that depends on all of it.
    pub fn new(name: impl Into<String>, input_bytes: u64, ours: impl FnMut() -> u64 + 'a) -> Self {
        let ours = Way { name: "quarry".to_owned(), run: Box::new(ours) };
        Self { name: name.into(), input_bytes, ways: vec![ours] }
    }

    /// Adds another way to compare ours with.
    #[must_use]
    pub fn against(mut self, name: impl Into<String>, baseline: impl FnMut() -> u64 + 'a) -> Self {
        self.ways.push(Way { name: name.into(), run: Box::new(baseline) });
        self
    }

    /// Times all ways one after the other and prints the ratio of ours to each baseline.
    ///
    /// What the command line filters out, or only tries (`--test`), has no ratio.
    #[expect(clippy::print_stdout, reason = "the ratios are what a bench is run for")]
    pub fn run(self, criterion: &mut Criterion) {
        let mut group = criterion.benchmark_group(&self.name);
        group.throughput(Throughput::Bytes(self.input_bytes));
        let mut medians = Vec::new();
        for mut way in self.ways {
            let mut samples = Vec::new();
            group.bench_function(&way.name, |bencher| sample(bencher, &mut *way.run, &mut samples));
            medians.push((way.name, median(samples)));
        }
        group.finish();
        let mut medians = medians.into_iter();
        let Some((_, Some(ours))) = medians.next() else { return };
        for (name, baseline) in medians {
            if let Some(baseline) = baseline {
                let ratio = ours.as_secs_f64() / baseline.as_secs_f64();
                println!("ratio: {}: {ratio:.2} of the time of {name}", self.name);
            }
        }
    }
}

/// Runs the way as often as the bencher asks and notes the time of one run.
fn sample(bencher: &mut Bencher, run: &mut dyn FnMut() -> u64, samples: &mut Vec<Duration>) {
    bencher.iter_custom(|runs| {
        let start = Instant::now();
        for _ in 0..runs {
            black_box(run());
        }
        let elapsed = start.elapsed();
        samples.extend(u32::try_from(runs).ok().and_then(|runs| elapsed.checked_div(runs)));
        elapsed
    });
}

/// Returns the middle one, which a few slow runs on a busy machine do not move.
fn median(mut samples: Vec<Duration>) -> Option<Duration> {
    samples.sort_unstable();
    samples.get(samples.len().checked_div(2)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_and_of_nothing_there_is_none() {
        let samples = [9, 1, 5].map(Duration::from_millis);
        assert_eq!(median(samples.to_vec()), Some(Duration::from_millis(5)));
        assert_eq!(median(vec![]), None);
    }
}
