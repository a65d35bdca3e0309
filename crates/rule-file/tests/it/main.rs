//! Tests of rule files as the command line sees them.

#[cfg(test)]
mod export;
#[cfg(test)]
mod forms;
#[cfg(test)]
mod import;
#[cfg(test)]
mod lints;
#[cfg(test)]
mod places;
#[cfg(test)]
mod rewrite;
