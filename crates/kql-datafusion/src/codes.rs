//! The codes of what is valid KQL and does not run yet.

use kql_syntax::{Code, Explanation};

/// A tabular operator without a plan.
pub(crate) const OPERATOR: Code = Code(902);
/// A function, or an operator on these types, without a plan.
pub(crate) const FUNCTION: Code = Code(901);
/// A type without an encoding.
pub(crate) const TYPE: Code = Code(903);
/// A conversion without a kernel.
pub(crate) const CONVERSION: Code = Code(904);
/// An aggregate without a plan.
pub(crate) const AGGREGATE: Code = Code(905);
/// Data at an address that is not there.
pub(crate) const EXTERNAL: Code = Code(906);
/// Data that a query reads and that is not given.
pub(crate) const DATA: Code = Code(907);

/// Every code of the lowering in order.
pub static EXPLANATIONS: &[Explanation] = &[
    explain(
        FUNCTION,
        "a function, or an operator on these types, that does not run yet",
        "The query is valid, and Kusto runs it; Quarry does not. The message names the function. `--runnable` says so before there is any data.",
    ),
    explain(
        OPERATOR,
        "a tabular operator that does not run yet",
        "The query is valid, and Kusto runs it; Quarry does not. The message names the operator. There is no mode in which the rest of the query runs: its answer would not be Kusto's.",
    ),
    explain(
        TYPE,
        "a type that does not run yet",
        "The query is valid, and Kusto runs it; Quarry does not compute with values of this type.",
    ),
    explain(
        CONVERSION,
        "a conversion that does not run yet",
        "The query is valid, and Kusto runs it; Quarry does not convert between these two types.",
    ),
    explain(
        AGGREGATE,
        "an aggregate that does not run yet",
        "The query is valid, and Kusto runs it; Quarry does not. The message names the aggregate.",
    ),
    explain(
        EXTERNAL,
        "data at an address that is not there",
        "`externaldata` names data elsewhere, and nothing is fetched. `--external URL=FILE` gives it as a file.",
    ),
    explain(
        DATA,
        "data that is not given",
        "The query reads what a service has and files do not: a watchlist, profiles of files, a database of addresses. `--watchlist`, `--file-profiles` and `--geoip` give it; `--assume` names what may stand in its place.",
    ),
];

const fn explain(code: Code, summary: &'static str, text: &'static str) -> Explanation {
    Explanation { code, summary, text, example: "" }
}

#[cfg(test)]
mod tests {
    use super::EXPLANATIONS;

    #[test]
    fn codes_are_explained_in_order_and_once() {
        assert!(EXPLANATIONS.windows(2).all(|pair| pair[0].code < pair[1].code));
    }
}
