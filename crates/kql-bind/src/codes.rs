//! The codes of the binder's diagnostics: 2xx names, 3xx types, 4xx limits from 410 on.
//!
//! A number, once used, never means anything else; a code that is no longer given stays listed.

use kql_syntax::Code;

/// A name that is no column, variable or table.
pub const UNKNOWN_COLUMN: Code = Code(201);
/// A name that is no table.
pub const UNKNOWN_TABLE: Code = Code(202);
/// A name that is no function.
pub const UNKNOWN_FUNCTION: Code = Code(203);
/// A name that is no plugin of `evaluate`.
pub const UNKNOWN_PLUGIN: Code = Code(204);
/// A name that is no type.
pub const UNKNOWN_TYPE: Code = Code(205);
/// A column's name that is given twice.
pub const DUPLICATE_COLUMN: Code = Code(206);
/// A `let` name that is given twice.
pub const DUPLICATE_LET: Code = Code(207);
/// `kind=` and the like with a value that the operator does not know.
pub const UNKNOWN_PARAMETER_VALUE: Code = Code(208);
/// A saved function or a view that reads itself.
pub const RECURSION: Code = Code(209);
/// A table that a fuzzy union leaves out; a warning.
pub const FUZZY_TABLE: Code = Code(210);
/// An argument by a name that no parameter has.
pub const UNKNOWN_ARGUMENT: Code = Code(211);
/// A view that does not bind.
pub const BROKEN_VIEW: Code = Code(212);
/// A function whose body does not bind with these arguments.
pub const BROKEN_CALL: Code = Code(213);
/// An operator that Kusto does not have, or that queries may not use.
pub const UNKNOWN_OPERATOR: Code = Code(214);
/// Operand types that an operator is not defined for.
pub const OPERAND_TYPES: Code = Code(301);
/// An argument of the wrong type.
pub const ARGUMENT_TYPE: Code = Code(302);
/// Too many or too few arguments.
pub const ARGUMENT_COUNT: Code = Code(303);
/// A predicate that is no bool.
pub const NOT_BOOL: Code = Code(304);
/// Rows where a scalar is needed.
pub const NOT_SCALAR: Code = Code(305);
/// A scalar where rows are needed.
pub const NOT_TABLE: Code = Code(306);
/// A dynamic where values have to be compared as a whole: keys and sorts.
pub const DYNAMIC_KEY: Code = Code(307);
/// Join keys of different types.
pub const JOIN_KEY_TYPES: Code = Code(308);
/// A join condition of another form than a name or `$left.a == $right.b`.
pub const JOIN_CONDITION: Code = Code(309);
/// An expression where a constant is needed.
pub const NOT_CONSTANT: Code = Code(310);
/// A literal whose text is no value of its type.
pub const INVALID_LITERAL: Code = Code(311);
/// A property of something that is not dynamic.
pub const NOT_DYNAMIC: Code = Code(312);
/// A list of values that does not fill the rows of a `datatable`.
pub const DATATABLE_VALUES: Code = Code(313);
/// A text that is none of those the argument can be.
pub const UNKNOWN_ARGUMENT_VALUE: Code = Code(314);
/// An aggregate where rows are not grouped.
pub const AGGREGATE_HERE: Code = Code(315);
/// A column outside an aggregate where rows are grouped.
pub const NOT_AGGREGATED: Code = Code(316);
/// A table without the columns that a parameter asks for.
pub const MISSING_COLUMNS: Code = Code(317);
/// More names than values, `(a, b) = f()`.
pub const TOO_MANY_NAMES: Code = Code(318);
/// An expression where a column is needed.
pub const NOT_COLUMN: Code = Code(319);
/// `*` where it stands for nothing.
pub const STAR_HERE: Code = Code(320);
/// A pattern of `parse` that cannot be read.
pub const PARSE_PATTERN: Code = Code(321);
/// A call, view or pipeline nested deeper than the limit.
pub const TOO_DEEP: Code = Code(410);
/// A query that unfolds to more than the limit.
pub const TOO_LARGE: Code = Code(411);

/// What a code means, for the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The code.
    pub code: Code,
    /// One line: lower case, no full stop.
    pub summary: &'static str,
}

/// Every code of the binder in order.
pub static EXPLANATIONS: &[Explanation] = &[
    explain(UNKNOWN_COLUMN, "no column, variable or table has this name"),
    explain(UNKNOWN_TABLE, "no table has this name"),
    explain(UNKNOWN_FUNCTION, "no function has this name"),
    explain(UNKNOWN_PLUGIN, "no plugin has this name"),
    explain(UNKNOWN_TYPE, "no type has this name"),
    explain(DUPLICATE_COLUMN, "two columns of one name"),
    explain(DUPLICATE_LET, "two variables of one name"),
    explain(UNKNOWN_PARAMETER_VALUE, "the operator does not know this parameter value"),
    explain(RECURSION, "a function or view that reads itself"),
    explain(FUZZY_TABLE, "a table that a fuzzy union leaves out"),
    explain(UNKNOWN_ARGUMENT, "no parameter has this name"),
    explain(BROKEN_VIEW, "a view that does not bind"),
    explain(BROKEN_CALL, "a function that does not bind with these arguments"),
    explain(UNKNOWN_OPERATOR, "an operator that queries cannot use"),
    explain(OPERAND_TYPES, "the operator is not defined for these types"),
    explain(ARGUMENT_TYPE, "an argument of the wrong type"),
    explain(ARGUMENT_COUNT, "too many or too few arguments"),
    explain(NOT_BOOL, "a predicate that is no bool"),
    explain(NOT_SCALAR, "rows where a scalar is needed"),
    explain(NOT_TABLE, "a scalar where rows are needed"),
    explain(DYNAMIC_KEY, "a dynamic as key or sort order"),
    explain(JOIN_KEY_TYPES, "join keys of different types"),
    explain(JOIN_CONDITION, "a join condition of an unknown form"),
    explain(NOT_CONSTANT, "an expression where a constant is needed"),
    explain(INVALID_LITERAL, "a literal that is no value of its type"),
    explain(NOT_DYNAMIC, "a property of something that is not dynamic"),
    explain(DATATABLE_VALUES, "values that do not fill the rows"),
    explain(UNKNOWN_ARGUMENT_VALUE, "a text that the argument cannot be"),
    explain(AGGREGATE_HERE, "an aggregate where rows are not grouped"),
    explain(NOT_AGGREGATED, "a column outside an aggregate"),
    explain(MISSING_COLUMNS, "a table without the columns asked for"),
    explain(TOO_MANY_NAMES, "more names than values"),
    explain(NOT_COLUMN, "an expression where a column is needed"),
    explain(STAR_HERE, "`*` where it stands for nothing"),
    explain(PARSE_PATTERN, "a pattern that cannot be read"),
    explain(TOO_DEEP, "calls or pipelines nested too deep"),
    explain(TOO_LARGE, "a query that unfolds to too much"),
];

const fn explain(code: Code, summary: &'static str) -> Explanation {
    Explanation { code, summary }
}

#[cfg(test)]
mod tests {
    use super::EXPLANATIONS;

    #[test]
    fn codes_are_explained_in_order_and_once() {
        assert!(EXPLANATIONS.windows(2).all(|pair| pair[0].code < pair[1].code));
    }
}
