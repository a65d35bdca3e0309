//! Hunts over made logs: what the replay of a schedule finds.

#[cfg(test)]
mod made;
#[cfg(test)]
mod replay;
#[cfg(test)]
mod replay_property;
