//! The whole package against its rule 0 alone, from the rules' texts to the alerts: what thirty rules
//! cost beside one, over one large log, over many small ones and over none.
//!
//! Two threads, as the smallest machines have. Starting the program is not a part of it.

use std::{error::Error, fs, num::NonZeroUsize, path::PathBuf};

use benches::{Comparison, event_logs, large_event_log};
use criterion::Criterion;
use detection::{CompiledRules, Package, PackagedRule, When};
use engine::{Engine, Environment, Input, NoProgress, Settings};

const LARGE_LEN: usize = 1 << 30;
const SMALL_LOGS: usize = 300;
/// Logs up to this length are small.
const SMALL_LEN: usize = 2 << 20;
const THREADS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1);

fn main() -> Result<(), Box<dyn Error>> {
    let reference =
        testkit::Reference::find("logs").ok_or("the real logs are needed to measure")?;
    let package = Package::builtin()?;
    let all = &package.rules;
    let baseline: Vec<PackagedRule> = all.iter().filter(|it| it.is_baseline).cloned().collect();
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    let folder = tempfile::tempdir()?;
    let logs = event_logs(&reference.path("logs"))?;
    let mut small = Vec::new();
    for (number, log) in
        logs.iter().filter(|log| log.len() <= SMALL_LEN).cycle().take(SMALL_LOGS).enumerate()
    {
        small.push(written(folder.path().join(format!("{number:03}.evtx")), log)?);
    }
    let large = large_event_log(&logs, LARGE_LEN)?;
    let large = [written(folder.path().join("large.evtx"), &large)?];
    for (name, inputs) in [
        ("hunt: one log of a GiB", &large[..]),
        ("hunt: three hundred small logs", &small),
        ("hunt: nothing", &[]),
    ] {
        let bytes = inputs.iter().map(Input::stored_bytes).fold(0, u64::saturating_add);
        Comparison::new(name, bytes, || alerts(all, inputs))
            .against("rule 0 alone", || alerts(&baseline, inputs))
            .run(&mut criterion);
    }
    criterion.final_summary();
    Ok(())
}

fn written(path: PathBuf, log: &[u8]) -> Result<Input, Box<dyn Error>> {
    fs::write(&path, log)?;
    Ok(Input::File(path))
}

/// Returns how many alerts rules raise; none where they cannot run, which the ratios would show.
fn alerts(rules: &[PackagedRule], inputs: &[Input]) -> u64 {
    let environment = Environment::builtin(tables::Environment::Both);
    let settings = Settings {
        date_order: None,
        threads: THREADS,
        staging_bytes: 256 << 20,
        operator_bytes: 512 << 20,
        spill_folder: std::env::temp_dir(),
        carve: false,
        local_offset: None,
        passwords: engine::Passwords::default(),
    };
    let Ok(engine) = Engine::new(&environment, settings) else { return 0 };
    let (compiled, _) = CompiledRules::compile(rules, &environment, THREADS);
    let found = detection::hunt(&engine, &compiled, &[], inputs, When::History, &NoProgress);
    found.map_or(0, |found| u64::try_from(found.alerts.len()).unwrap_or(u64::MAX))
}
