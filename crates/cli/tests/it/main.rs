//! The binary as its user runs it: output, messages and exit statuses.

#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod check;
#[cfg(test)]
mod explain;
#[cfg(test)]
mod fmt;
#[cfg(test)]
mod given;
#[cfg(test)]
mod help;
#[cfg(test)]
mod hunt;
#[cfg(test)]
<<<<<<< HEAD
mod mistakes;
=======
mod project;
>>>>>>> f924feb (sources, engine, quarry: Parquet and object stores, copies count once, and what users bring)
#[cfg(test)]
mod package;
#[cfg(test)]
mod path;
#[cfg(test)]
mod quarry;
#[cfg(test)]
mod query;
