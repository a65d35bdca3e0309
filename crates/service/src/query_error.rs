//! Why a question is not answered, and how Kusto names that.

use kql_syntax::{Diagnostic, LineIndex, Severity};
use thiserror::Error;

use crate::data::DataError;

/// Why a question is not answered.
#[derive(Debug, Error)]
pub(crate) enum QueryError {
    /// The request itself cannot be read.
    #[error("{0}")]
    Request(String),
    /// The query has mistakes, or asks for what does not run yet.
    #[error("{}", texts.join("; "))]
    Refused {
        /// The code of the first error: `KQL0201`.
        code: String,
        /// Whether it is one of syntax.
        is_syntax: bool,
        /// Each error with its line and column.
        texts: Vec<String>,
    },
    /// The query failed on the rows that it was given.
    #[error("{0}")]
    Failed(String),
    /// There is not enough memory for it.
    #[error("{0}")]
    Memory(String),
    /// The result is larger than a client may have.
    #[error(
        "the result has more than {limit} {what}, of which those are returned; `set notruncation;` returns all"
    )]
    TooLarge {
        /// How many may be returned.
        limit: usize,
        /// Of what.
        what: &'static str,
    },
    /// It took too long, or its client went away.
    #[error("the query took longer than {seconds} s and was cancelled")]
    TooLong {
        /// What it may take.
        seconds: u64,
    },
    /// There are too many others.
    #[error("{most} queries are running, and no more are taken")]
    Throttled {
        /// How many may run.
        most: usize,
    },
    /// The telemetry cannot be reached.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A defect of Quarry's.
    #[error("{0}")]
    Internal(String),
}

/// Errors of a query that are told one by one. A text of megabytes may have one in each of its lines.
const MOST_TOLD: usize = 20;

/// What Kusto calls an error.
pub(crate) struct KustoName {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    /// What its message begins with.
    pub(crate) message: &'static str,
    /// The exception of .NET that its clients know.
    pub(crate) exception: &'static str,
    /// Whether it fails again if it is tried again.
    pub(crate) is_permanent: bool,
}

impl QueryError {
    /// Makes an error of a query's diagnostics.
    pub(crate) fn refused(query: &str, diagnostics: &[Diagnostic]) -> Self {
        let lines = LineIndex::new(query);
        let errors = || diagnostics.iter().filter(|it| it.severity == Severity::Error);
        let text = |diagnostic: &Diagnostic| {
            let place = lines.line_column(diagnostic.span.start);
            let help = diagnostic.help.iter().map(|help| format!("; {help}"));
            format!(
                "{code}: {message} [line:position={line}:{column}]{help}",
                code = diagnostic.code,
                message = diagnostic.message,
                line = place.line,
                column = place.column,
                help = help.collect::<String>()
            )
        };
        let mut texts: Vec<String> = errors().take(MOST_TOLD).map(text).collect();
        let more = errors().skip(MOST_TOLD).count();
        if more > 0 {
            texts.push(format!("{more} more errors"));
        }
        match errors().next() {
            Some(first) => {
                Self::Refused { code: first.code.to_string(), is_syntax: first.code.0 < 200, texts }
            }
            None => Self::Internal("a query was refused without a reason".to_owned()),
        }
    }

    /// Returns what Kusto calls the error.
    pub(crate) fn name(&self) -> KustoName {
        let (status, code, message, exception, is_permanent) = match self {
            Self::Request(_) => (
                400,
                "General_BadRequest",
                "Request is invalid and cannot be processed",
                "Kusto.Data.Exceptions.KustoBadRequestException",
                true,
            ),
            Self::Refused { is_syntax: true, .. } => (
                400,
                "General_BadRequest",
                "Syntax error",
                "Kusto.Data.Exceptions.SyntaxException",
                true,
            ),
            Self::Refused { .. } => (
                400,
                "General_BadRequest",
                "Semantic error",
                "Kusto.Data.Exceptions.SemanticException",
                true,
            ),
            Self::Failed(_) => (
                400,
                "E_QUERY_EXECUTION_ERROR",
                "Query execution has failed",
                "Kusto.Data.Exceptions.KustoServicePartialQueryFailureException",
                true,
            ),
            Self::Memory(_) => (
                400,
                "E_LOW_MEMORY_CONDITION",
                "Query execution lacks memory resources to complete",
                "Kusto.Data.Exceptions.KustoServicePartialQueryFailureLowMemoryConditionException",
                true,
            ),
            Self::TooLarge { .. } => (
                400,
                "E_QUERY_RESULT_SET_TOO_LARGE",
                "Query result set has exceeded the internal limit",
                "Kusto.Data.Exceptions.KustoServicePartialQueryFailureLimitsExceededException",
                true,
            ),
            Self::TooLong { .. } => (
                504,
                "General_InternalServerError_Timeout",
                "Request timed out",
                "Kusto.Data.Exceptions.KustoServiceTimeoutException",
                false,
            ),
            Self::Throttled { .. } => (
                429,
                "TooManyRequests",
                "Request is denied due to throttling",
                "Kusto.Data.Exceptions.KustoRequestThrottledException",
                false,
            ),
            Self::Data(_) => (
                503,
                "General_ServiceUnavailable",
                "The telemetry cannot be reached",
                "Kusto.Data.Exceptions.KustoServiceUnavailableException",
                false,
            ),
            Self::Internal(_) => (
                500,
                "General_InternalServerError",
                "Unknown error",
                "Kusto.Data.Exceptions.KustoServiceException",
                false,
            ),
        };
        KustoName { status, code, message, exception, is_permanent }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_place_of_each_error() {
        let query = "print 1\n| where x == 1";
        let (parsed, _) = kql_syntax::parse(query);
        drop(parsed);
        let environment = engine::Environment::empty();
        let found = engine::check(query, &environment).diagnostics;
        let error = QueryError::refused(query, &found);
        let text = error.to_string();
        assert!(text.starts_with("KQL0") && text.contains("[line:position=2:9]"), "{text}");
        assert_eq!((error.name().status, error.name().is_permanent), (400, true));
        let query = format!("print 1{}", " | where x == 1".repeat(100));
        let found = engine::check(&query, &environment).diagnostics;
        let QueryError::Refused { texts, .. } = QueryError::refused(&query, &found) else {
            panic!("not refused");
        };
        assert_eq!((texts.len(), texts[20].as_str()), (21, "80 more errors"));
    }
}
