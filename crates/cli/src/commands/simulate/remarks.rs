//! What there is to say of single rules that were simulated.

use detection::simulate::{BlindSpan, Remark, RemarkKind};
use kql_types::{datetime, timespan};

use crate::ui::Ui;

/// Blind spans that are told one by one.
const MAX_BLIND_SPANS: usize = 3;

/// Says what there is to say of single rules.
pub(super) fn tell_remarks(ui: &Ui, remarks: &[Remark]) {
    let is_blind = |remark: &&Remark| matches!(remark.kind, RemarkKind::BlindSpan(_));
    let (blind, others): (Vec<&Remark>, Vec<&Remark>) = remarks.iter().partition(is_blind);
    let told = blind.iter().take(MAX_BLIND_SPANS);
    for remark in others.iter().chain(told) {
        tell_remark(ui, remark);
    }
    let more = blind.len().saturating_sub(MAX_BLIND_SPANS);
    if more > 0 {
        let noun = if more == 1 { "rule has a blind span" } else { "rules have blind spans" };
        ui.note(&format!("{more} more {noun} of that kind"));
    }
}

fn tell_remark(ui: &Ui, remark: &Remark) {
    let (path, name) = (remark.path.display(), &remark.name);
    match remark.kind {
        RemarkKind::AlertsOfNothing => ui.warning(&format!(
            "{path}: rule `{name}` is not simulated in mode strict: it raises alerts where there is no \
             record at all, and an alert has to say what it rests on"
        )),
        RemarkKind::NoTime => ui.warning(&format!(
            "{path}: rule `{name}` was not run: no record has a time; `--from` and `--to` say when"
        )),
        RemarkKind::OverOwnTables => ui.warning(&format!(
            "{path}: rule `{name}` was not run: it reads what other rules bring about, which differs with \
             their start minutes; `--phase MINUTES` simulates it"
        )),
        RemarkKind::SomePhases { phases, of } => ui.note(&format!(
            "{path}: rule `{name}` was simulated at {phases} of its {of} start minutes, evenly spread: \
             all of them would have to look at too many rows; `--phase all:{of}` does so nevertheless"
        )),
        RemarkKind::BlindSpan(BlindSpan { events: (one, other), runs: (last, next) }) => {
            let time = datetime::format_json;
            let apart = timespan::format(other.saturating_sub(one));
            ui.note(&format!(
                "{path}: rule `{name}` groups, joins or counts rows, and has a blind span: events at \
                 {one} and {other} are {apart} apart, and no run sees both, since the run of {last} is \
                 too early for the second and the run of {next} does not look back to the first; \
                 `--phase all` tells how likely each event is found",
                one = time(one),
                other = time(other),
                last = time(last),
                next = time(next),
            ));
        }
    }
}
