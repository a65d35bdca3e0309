//! What becomes of the rules when an attack looks otherwise: each attack of a package's tests, and of
//! recorded scenes, is told again in other words, and has to be found nevertheless.
//!
//! A *kind* of change is what an intruder decides, such as the name of a service, or what a site decides,
//! such as the language of Windows and what is logged. In go cases and `evasions.yaml`, which gives the
//! reason of each miss; out comes which change hides which attack. All variants run in one hunt, each with
//! hosts and addresses of its own; an alert that rests on the records of two of them counts for neither.

mod attack;
mod kinds;
mod reasons;
mod record;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    num::NonZeroUsize,
    path::Path,
};

use engine::Input;

use crate::{
    alert::{Alert, Severity},
    hunt::{CompiledRules, HuntError, When, hunt},
    package::Package,
};

use self::{
    attack::{Attack, attacks},
    kinds::{KINDS, Kind},
    record::Record,
};
use super::run::{TestError, TestSettings};

pub use self::reasons::{EvasionError, Evasions, Party, Reason, Scene};

/// What came of all changes.
#[derive(Clone, Debug, Default)]
pub struct EvasionReport {
    /// The kinds of change in order.
    pub kinds: Vec<KindOutcome>,
    /// The attacks that a change hides, in order of kinds and cases.
    pub misses: Vec<Miss>,
    /// Reasons that no miss needs.
    pub stale: Vec<String>,
    /// Attacks that are not found as they are told.
    pub broken: Vec<String>,
    /// How many attacks there are.
    pub attacks: usize,
}

impl EvasionReport {
    /// Tells whether every miss has a reason, and every reason a miss.
    pub fn is_good(&self) -> bool {
        self.stale.is_empty()
            && self.broken.is_empty()
            && self.misses.iter().all(|miss| miss.why.is_some())
    }
}

/// What came of a kind of change.
#[derive(Clone, Debug)]
pub struct KindOutcome {
    /// Its name.
    pub name: &'static str,
    /// What changes.
    pub what: &'static str,
    /// How many attacks it changes.
    pub tried: usize,
    /// How many of these are not found.
    pub missed: usize,
}

/// An attack that a change hides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Miss {
    /// The kind of change.
    pub kind: String,
    /// The suite and the case, `source/a renamed client`, or the scene.
    pub case: String,
    /// How severe an alert would have been enough.
    pub level: Severity,
    /// Why it is missed, if somebody has said.
    pub why: Option<String>,
}

/// An attack told in a way.
struct Variant<'a> {
    attack: &'a Attack,
    /// `None` if it is told as it is.
    kind: Option<&'static Kind>,
}

/// Which of the variants are tried.
#[derive(Clone, Copy, Debug)]
pub enum Share {
    /// All of them.
    All,
    /// Of so many, one of each attack and kind in turn, and all attacks as they are.
    ///
    /// Whether a reason is stale is not looked at then: the miss that needs it may be left out.
    OneOf(NonZeroUsize),
}

impl Share {
    fn takes(self, attack: usize, kind: usize) -> bool {
        match self {
            Self::All => true,
            Self::OneOf(many) => attack.wrapping_add(kind).checked_rem(many.get()) == Some(0),
        }
    }
}

/// Tells each attack in each way, and says which is not found.
///
/// # Errors
///
/// If a case, a scene or a rule cannot run at all.
pub fn evade(
    package: &Package,
    folder: &Path,
    evasions: &Evasions,
    share: Share,
    settings: &TestSettings<'_>,
) -> Result<EvasionReport, TestError> {
    let attacks = attacks(package, folder, evasions)?;
    let (variants, inputs) = write(&attacks, share, settings.folder)?;
    let rules: Vec<_> = package.rules.iter().filter(|rule| !rule.is_baseline).cloned().collect();
    let threads = settings.engine.threads();
    let (compiled, refused) = CompiledRules::compile(&rules, settings.environment, threads);
    if let Some(refused) = refused.first() {
        return Err(TestError::Refused { path: refused.rule.path.clone() });
    }
    let mut found =
        hunt(settings.engine, &compiled, &[], &inputs, When::History, settings.progress)?;
    // A rule that failed while it ran says nothing of any attack.
    if let Some(failed) = found.failed.pop() {
        return Err(HuntError::Engine(failed.error).into());
    }
    let worst = worst_of_each(&found.alerts);
    let is_found = |number: usize, variant: &Variant<'_>| {
        worst.get(&number).is_some_and(|severity| *severity >= variant.attack.level)
    };
    let mut report = EvasionReport { attacks: attacks.len(), ..EvasionReport::default() };
    for kind in KINDS {
        let is_of_kind =
            |variant: &Variant<'_>| variant.kind.is_some_and(|it| it.name == kind.name);
        let tried = variants.iter().enumerate().filter(|(_, variant)| is_of_kind(variant));
        let misses: Vec<Miss> = tried
            .clone()
            .filter(|(number, variant)| !is_found(*number, variant))
            .map(|(_, variant)| miss(kind, variant.attack, evasions))
            .collect();
        let (tried, missed) = (tried.count(), misses.len());
        report.kinds.push(KindOutcome { name: kind.name, what: kind.what, tried, missed });
        report.misses.extend(misses);
    }
    let as_they_are = variants.iter().enumerate().filter(|(_, variant)| variant.kind.is_none());
    let broken = as_they_are.filter(|(number, variant)| !is_found(*number, variant));
    report.broken = broken.map(|(_, variant)| variant.attack.name.clone()).collect();
    report.stale = match share {
        Share::All => evasions.stale(&report.misses),
        Share::OneOf(_) => Vec::new(),
    };
    Ok(report)
}

fn miss(kind: &Kind, attack: &Attack, evasions: &Evasions) -> Miss {
    Miss {
        kind: kind.name.to_owned(),
        case: attack.name.clone(),
        level: attack.level,
        why: evasions.why(kind.name, &attack.name),
    }
}

/// Writes each attack as it is and in each way that changes it, a file each that its number names.
fn write<'a>(
    attacks: &'a [Attack],
    share: Share,
    folder: &Path,
) -> Result<(Vec<Variant<'a>>, Vec<Input>), TestError> {
    let (mut variants, mut inputs) = (Vec::new(), Vec::new());
    for (attack_number, attack) in attacks.iter().enumerate() {
        let kinds = KINDS.iter().enumerate();
        let kinds = kinds.filter(|(kind, _)| share.takes(attack_number, *kind));
        for kind in std::iter::once(None).chain(kinds.map(|(_, kind)| Some(kind))) {
            let number = variants.len();
            let records = attack.records(number)?;
            let records = match kind {
                Some(kind) => kind.applied_to(&records),
                None => Some(records),
            };
            let Some(records) = records else { continue };
            let lines: Vec<String> = records.iter().map(|Record(json)| json.to_string()).collect();
            let path = folder.join(format!("{number:06}.jsonl"));
            fs::write(&path, lines.join("\n"))
                .map_err(|source| TestError::Write { path: path.clone(), source })?;
            inputs.push(Input::File(path));
            variants.push(Variant { attack, kind });
        }
    }
    Ok((variants, inputs))
}

/// Returns the worst severity of the alerts that rest on one variant's records alone, by its number.
fn worst_of_each(alerts: &[Alert]) -> BTreeMap<usize, Severity> {
    let mut worst = BTreeMap::new();
    for alert in alerts {
        let mut cited: BTreeSet<usize> = alert
            .evidence
            .iter()
            .filter_map(|record| Path::new(&record.origin.file).file_stem()?.to_str()?.parse().ok())
            .collect();
        if let (Some(number), None) = (cited.pop_first(), cited.pop_first()) {
            let known = worst.entry(number).or_insert(alert.severity);
            *known = alert.severity.max(*known);
        }
    }
    worst
}
