//! The binary as its user runs it: output, messages and exit statuses.

#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod cases;
#[cfg(test)]
mod check;
#[cfg(test)]
mod explain;
#[cfg(test)]
mod export;
#[cfg(test)]
mod fmt;
#[cfg(test)]
mod given;
#[cfg(test)]
mod help;
#[cfg(test)]
mod hunt;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod memory;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod memory_held;
#[cfg(test)]
mod mistakes;
#[cfg(test)]
mod output;
#[cfg(test)]
mod package;
#[cfg(test)]
mod path;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod peak;
#[cfg(test)]
mod project;
#[cfg(test)]
mod quarry;
#[cfg(test)]
mod query;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod schedule;
#[cfg(test)]
mod simulate;
#[cfg(test)]
mod threads;
#[cfg(test)]
mod validate;
#[cfg(test)]
mod written;
