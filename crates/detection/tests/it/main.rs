//! Hunts over made logs: what the replay of a schedule finds.

#![expect(clippy::arithmetic_side_effects, reason = "tests compute the times of made logs")]

#[cfg(test)]
mod cases_over_time;
#[cfg(test)]
mod evasions;
#[cfg(test)]
mod made;
#[cfg(test)]
mod replay;
#[cfg(test)]
mod replay_property;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod simulation_failures;
#[cfg(test)]
mod simulation_late;
#[cfg(test)]
mod simulation_own_tables;
#[cfg(test)]
mod simulation_property;
#[cfg(test)]
mod workspaces;
