//! What packages say of attacks that are told in other ways holds. The whole is `quarry test --evade`; here is a part of
//! it, the same one each time, in which each attack and each kind of change has its turn.

use std::{num::NonZeroUsize, path::Path};

use detection::{
    Package,
    testing::{self, EvasionReport, Evasions, Share, TestSettings},
    tuning::Tuning,
};
use engine::{Engine, Environment, NoProgress};
use testkit::Folder;

use crate::made::settings;

/// Tells the attacks of a package in other ways.
fn evade(folder: &Path, package: &Package, evasions: &Evasions, share: Share) -> EvasionReport {
    let environment = Environment::builtin(tables::Environment::Both);
    let engine = Engine::new(&environment, settings()).unwrap();
    let into = Folder::empty();
    let settings = TestSettings {
        engine: &engine,
        environment: &environment,
        folder: into.path(),
        tuning: &Tuning::default(),
        progress: &NoProgress,
    };
    testing::evade(package, folder, evasions, share, &settings).unwrap()
}

#[test]
fn attacks_told_in_other_ways_are_found_or_have_a_reason() {
    let detections = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../detections");
    for (technique, share) in
        [("t1021.002", Share::OneOf(NonZeroUsize::new(7).unwrap())), ("t1021.006", Share::All)]
    {
        let folder = detections.join(technique);
        let package = Package::load(&folder).unwrap();
        let evasions = Evasions::load(&folder).unwrap();
        let report = evade(&folder, &package, &evasions, share);
        let unexplained: Vec<_> = report.misses.iter().filter(|miss| miss.why.is_none()).collect();
        assert!(unexplained.is_empty(), "{technique}: {unexplained:#?}");
        assert!(report.broken.is_empty(), "{technique}: not found as told: {:?}", report.broken);
        assert!(report.stale.is_empty(), "{technique}: reasons without a miss: {:?}", report.stale);
        assert!(report.misses.len() > 10, "{technique}: nothing is changed");
    }
}

#[test]
fn a_miss_needs_a_reason_and_a_reason_a_miss() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../detections/t1021.006");
    let package = Package::load(&folder).unwrap();
    let mut evasions = Evasions::load(&folder).unwrap();
    let forgotten = evasions.misses.pop().unwrap();
    let mut needless = forgotten.clone();
    needless.kinds = vec!["records twice".to_owned()];
    evasions.misses.push(needless);
    let report = evade(&folder, &package, &evasions, Share::All);
    assert!(!report.is_good());
    let unexplained: Vec<&str> =
        report.misses.iter().filter(|miss| miss.why.is_none()).map(|miss| &*miss.kind).collect();
    assert_eq!(unexplained, ["no parent"; 3]);
    let stale: Vec<String> =
        forgotten.cases.iter().map(|case| format!("records twice: {case}")).collect();
    assert_eq!(report.stale[1..], stale);
}
