//! Evidence bundles: what goes into one.

use std::{collections::BTreeMap, path::Path};

use detection::{CitedRecord, PackagedRule, alert::Alert};
use engine::Input;
use kql_types::{Ticks, datetime};
use report::{
    bundle::{self, BundledInput, BundledRecords, BundledRule, Contents},
    findings::Findings,
};

use crate::{error::CommandError, whole};

/// Writes the bundle; returns the digest that stands for all of it.
pub(crate) fn write(
    path: &Path,
    findings: &Findings,
    rules: &[PackagedRule],
    inputs: &[Input],
    cited: Vec<CitedRecord>,
    now: Option<Ticks>,
) -> Result<String, CommandError> {
    let contents = Contents {
        rules: rules.iter().map(bundled_rule).collect(),
        inputs: inputs
            .iter()
            .filter_map(|input| digest(input).transpose())
            .collect::<Result<_, _>>()?,
        records: by_file(cited),
        now: now.map(|now| datetime::format(now).to_string()),
    };
    let unwritable =
        |error: &dyn std::fmt::Display| CommandError::user(format!("{}: {error}", path.display()));
    whole::write(path, |out| {
        bundle::write(findings, &contents, out).map_err(|error| unwritable(&error))
    })
}

fn bundled_rule(rule: &PackagedRule) -> BundledRule {
    BundledRule {
        id: rule.rule.id.clone(),
        behaviours: rule.behaviours.clone(),
        yaml: rule.yaml.to_string(),
    }
}

/// Returns the digest of a file or an object; a stream that has passed has none.
pub(crate) fn digest(input: &Input) -> Result<Option<BundledInput>, CommandError> {
    let path = input.path();
    let unreadable = |error| CommandError::user(format!("{}: {error}", path.display()));
    let Some(reader) = input.reader().map_err(unreadable)? else { return Ok(None) };
    let (bytes, sha256) = bundle::digest_of(reader).map_err(unreadable)?;
    Ok(Some(BundledInput { file: engine::path_text(path), bytes, sha256 }))
}

fn by_file(cited: Vec<CitedRecord>) -> Vec<BundledRecords> {
    let mut files: BTreeMap<_, Vec<(u64, String)>> = BTreeMap::new();
    for record in cited {
        let origin = &record.place.origin;
        let key = (origin.file.clone(), origin.member.clone(), record.table);
        files.entry(key).or_default().push((record.place.line, record.json));
    }
    files
        .into_iter()
        .map(|((file, member, _), records)| BundledRecords { file, member, records })
        .collect()
}

/// Counts what of the found records could not be read again.
pub(crate) fn missing(alerts: &[Alert], cited: &[CitedRecord]) -> usize {
    let mut wanted: Vec<_> = alerts
        .iter()
        .flat_map(|alert| &alert.evidence)
        .map(|record| (&record.origin.file, &record.origin.member, record.line))
        .collect();
    wanted.sort_unstable();
    wanted.dedup();
    wanted.len().saturating_sub(cited.len())
}
