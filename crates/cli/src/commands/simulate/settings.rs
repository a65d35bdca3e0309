//! From the options of `quarry simulate` to what is simulated.

use detection::simulate::{Outage, Simulation};
use kql_types::Ticks;
use sentinel::{Assumptions, FailureKind};

use super::{
    Modes, SimulateArgs, SimulationFormat, against, ingestion_delay::IngestionDelay, phase::Phase,
};
use crate::error::CommandError;

const MINUTE: Ticks = 600_000_000;

/// Returns what the command line asks for.
///
/// # Errors
///
/// If options contradict each other, or name what there is not.
pub(super) fn simulation(args: &SimulateArgs) -> Result<Simulation, CommandError> {
    let SimulateArgs { from, to, phase, ingestion_delay, mode, tables, report, format, .. } = args;
    if let (Some(from), Some(to)) = (from, to)
        && from > to
    {
        return Err(CommandError::user("`--from` is after `--to`"));
    }
    if *mode == Modes::Strict && tables.is_some() {
        let error = "`--tables` has the rows of Sentinel, not those of `strict`";
        return Err(CommandError::user(error));
    }
    if matches!(phase, Phase::All(_)) && (*mode == Modes::Strict || tables.is_some()) {
        let error = CommandError::user("`--phase all` is about `exact`, and makes no alerts");
        return Err(error.with_hint("leave out `--mode strict` and `--tables`"));
    }
    let is_drawn = report.is_some() || *format == SimulationFormat::Timeline;
    if matches!(phase, Phase::All(_)) && is_drawn {
        let error = CommandError::user("`--phase all` has no runs of its own to be drawn");
        return Err(error.with_hint("leave out `--report` and `--format timeline`"));
    }
    if ingestion_delay.is_drawn() && matches!(phase, Phase::All(_)) {
        let error = CommandError::user("`--phase all` takes one ingestion delay for all events");
        return Err(error.with_hint("give `--ingestion-delay` a length of time"));
    }
    if ingestion_delay.longest() > 0 && args.given.has_ingestion_at_event() {
        return Err(CommandError::user(
            "`--assume ingestion-time` has events arrive at once, `--ingestion-delay` does not",
        ));
    }
    against::refuse_others(args)?;
    let mut assumptions = Assumptions::default();
    for given in &args.choices {
        let (name, option) = given.split_once('=').unwrap_or((given, ""));
        assumptions
            .set(name, option)
            .map_err(|error| CommandError::user(format!("no choice: `{given}`: {error}")))?;
    }
    Ok(Simulation {
        from: *from,
        to: *to,
        phase: match phase {
            Phase::Minutes(minutes) => i64::from(*minutes).saturating_mul(MINUTE),
            Phase::All(_) => 0,
        },
        outages: outages(args),
        ingestion_delay: match ingestion_delay {
            IngestionDelay::Same(delay) => *delay,
            _ => 0,
        },
        arrivals: ingestion_delay.arrivals(args.seed)?,
        tells_lateness: args.against.is_none(),
        modes: mode.modes(),
        assumptions,
    })
}

fn outages(args: &SimulateArgs) -> Vec<Outage> {
    let of = |kind| move |(from, to): &(Ticks, Ticks)| Outage { from: *from, to: *to, kind };
    let passing = args.outages.iter().map(of(FailureKind::Transient));
    passing.chain(args.breakages.iter().map(of(FailureKind::Permanent))).collect()
}
