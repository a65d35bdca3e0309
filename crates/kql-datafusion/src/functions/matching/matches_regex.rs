//! `matches regex`: a search, case-sensitive unless the pattern says otherwise.
//!
//! Kusto documents its syntax as that of the `regex` crate, whose defaults apply.
//! Source: <https://learn.microsoft.com/kusto/query/regex>

use arrow::array::ArrayRef;
use datafusion_common::{DataFusionError, Result};
use regex::Regex;

use super::{Args, Kernel, Returns, bools};

/// `matches regex`
pub(crate) static MATCHES_REGEX: Kernel =
    Kernel { name: "kql_matches_regex", returns: Returns::Bool, eval: is_match };

/// Compiles a pattern.
///
/// # Errors
///
/// The text is no pattern, or needs more memory than the crate's default allows.
pub(crate) fn compile(pattern: &str) -> Result<Regex> {
    Regex::new(pattern).map_err(|error| DataFusionError::External(Box::new(error)))
}

fn is_match(args: &Args<'_>) -> Result<ArrayRef> {
    let texts = args.text(0)?;
    let mut patterns = args.compiled(1, compile)?;
    if let Some(pattern) = patterns.constant() {
        return Ok(bools(args.rows(), |row| pattern.is_match(texts.str(row))));
    }
    let matches = (0..args.rows()).map(|row| Ok(patterns.get(row)?.is_match(texts.str(row))));
    let matches = matches.collect::<Result<Vec<_>>>()?;
    Ok(bools(args.rows(), |row| matches.get(row).copied().unwrap_or(false)))
}
