//! The codes of the binder's diagnostics: 2xx names, 3xx types, 4xx limits from 410 on.
//!
//! A number, once used, never means anything else; a code that is no longer given stays listed.

use kql_syntax::{Code, Explanation};

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
/// A `set` statement with an option that nobody knows; a warning beside the refusal.
pub const UNKNOWN_OPTION: Code = Code(215);
/// A row's values in rows within a function: `toscalar` of them would have to run for every row.
pub const ROW_IN_ROWS: Code = Code(216);
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
/// A text that is no regular expression.
pub const INVALID_REGEX: Code = Code(322);
/// A group that a regular expression does not have; a warning.
pub const NO_SUCH_GROUP: Code = Code(323);
/// A constant that never has an effect; a warning.
pub const CONSTANT_WITHOUT_EFFECT: Code = Code(324);
/// A call, view or pipeline nested deeper than the limit.
pub const TOO_DEEP: Code = Code(410);
/// A query that unfolds to more than the limit.
pub const TOO_LARGE: Code = Code(411);
/// A result of more columns than `set maxoutputcolumns` allows.
pub const TOO_MANY_COLUMNS: Code = Code(412);

/// Every code of the binder in order.
pub static EXPLANATIONS: &[Explanation] = &[
    explain(
        UNKNOWN_COLUMN,
        "no column, variable or table has this name",
        "Names are case-sensitive. After `project`, `summarize` and `distinct` only the columns remain that they name. The message lists what there is.",
        "datatable (Name: string, Size: long, Time: datetime, Extra: dynamic) []\n| summarize count() by Name\n| where Size > 1",
    ),
    explain(
        UNKNOWN_TABLE,
        "no table has this name",
        "The table is in none of the environments that are checked against. `--tables` chooses the built-in ones, `--schema` adds your own; `quarry tables` lists them.",
        "DeviceProcesEvents | take 5",
    ),
    explain(
        UNKNOWN_FUNCTION,
        "no function has this name",
        "Neither Kusto nor the query defines a function of this name. Names are case-sensitive.",
        "print ToLower('A')",
    ),
    explain(
        UNKNOWN_PLUGIN,
        "no plugin has this name",
        "What follows `evaluate` is one of Kusto's plugins.",
        "datatable (Name: string, Size: long, Time: datetime, Extra: dynamic) [] | evaluate bag_unpak(Extra)",
    ),
    explain(
        UNKNOWN_TYPE,
        "no type has this name",
        "Types are bool, datetime, decimal, dynamic, guid, int, long, real, string and timespan.",
        "",
    ),
    explain(
        DUPLICATE_COLUMN,
        "two columns of one name",
        "Each column of a result has a name of its own. Name one of them otherwise.",
        "datatable (Name: string, Size: long, Time: datetime, Extra: dynamic) [] | project a = Name, a = Size",
    ),
    explain(
        DUPLICATE_LET,
        "two variables of one name",
        "A `let` name is defined once in a query. Names of columns may repeat it.",
        "let x = 1; let x = 2; print x",
    ),
    explain(
        UNKNOWN_PARAMETER_VALUE,
        "the operator does not know this parameter value",
        "The operator knows this parameter, but not this value; the help names those it knows.",
        "datatable (Name: string, Size: long, Time: datetime, Extra: dynamic) [] | join kind=outer (datatable (Name: string, Size: long, Time: datetime, Extra: dynamic) []) on Name",
    ),
    explain(
        RECURSION,
        "a function or view that reads itself",
        "KQL has no recursion: a function cannot call itself, a view cannot read its own table.",
        "",
    ),
    explain(
        FUZZY_TABLE,
        "a table that a fuzzy union leaves out",
        "A table that does not exist is left out of `union isfuzzy=true`, as Kusto does. It is only said in case the name is a mistake.",
        "union isfuzzy=true DeviceEvents, MyEvents",
    ),
    explain(
        UNKNOWN_ARGUMENT,
        "no parameter has this name",
        "The function has no parameter of this name; the help names the nearest.",
        "let f = (size: long) { size }; print f(sise = 1)",
    ),
    explain(
        BROKEN_VIEW,
        "a view that does not bind",
        "A view that fills the table does not bind. The message has the first error of the view.",
        "",
    ),
    explain(
        BROKEN_CALL,
        "a function that does not bind with these arguments",
        "The function binds by itself, but not with what it is called with: a table without a column that its body reads, for example. The message has the first error within.",
        "let f = (T: (*)) { T | where Wanted == 1 };\ndatatable (Name: string, Size: long, Time: datetime, Extra: dynamic) [] | invoke f()",
    ),
    explain(
        UNKNOWN_OPERATOR,
        "an operator that queries cannot use",
        "Kusto has no such operator, or has it for management only.",
        "",
    ),
    explain(
        UNKNOWN_OPTION,
        "an option of `set` that nobody knows",
        "Kusto passes over an option that it does not know. Quarry does not run the query, since it may be an option that changes the answer.",
        "set query_take_max_record = 1;\nprint Name = 'a'",
    ),
    explain(
        ROW_IN_ROWS,
        "rows that depend on another row",
        "A function that is called for each row cannot read a table by that row's values: `toscalar` and the like run once, before. Kusto refuses it too.",
        "let f = (n: long) { toscalar(range x from 1 to 9 step 1 | where x == n | count) };\ndatatable (Name: string, Size: long, Time: datetime, Extra: dynamic) [] | extend Count = f(Size)",
    ),
    explain(
        OPERAND_TYPES,
        "the operator is not defined for these types",
        "The operator does not take values of these types. Convert one side: `tostring(…)`, `tolong(…)`, `todatetime(…)`.",
        "datatable (Name: string, Size: long, Time: datetime, Extra: dynamic) [] | where Size has '1'",
    ),
    explain(
        ARGUMENT_TYPE,
        "an argument of the wrong type",
        "The function does not take a value of this type there. Convert it: `tostring(…)`, `tolong(…)`, `todatetime(…)`; a timespan is written `7d`.",
        "print ago(7)",
    ),
    explain(
        ARGUMENT_COUNT,
        "too many or too few arguments",
        "The function takes another number of arguments.",
        "print strlen()",
    ),
    explain(
        NOT_BOOL,
        "a predicate that is not a bool",
        "A condition is a bool: a comparison, `isnotempty(…)`, or several of them joined by `and` and `or`.",
        "datatable (Name: string, Size: long, Time: datetime, Extra: dynamic) [] | where Size",
    ),
    explain(
        NOT_SCALAR,
        "rows where a scalar is needed",
        "A table stands where one value is needed. `toscalar(…)` takes the first value of a table.",
        "datatable (Name: string, Size: long, Time: datetime, Extra: dynamic) [] | where Size > (datatable (Name: string, Size: long, Time: datetime, Extra: dynamic) [] | count)",
    ),
    explain(
        NOT_TABLE,
        "a scalar where rows are needed",
        "A value stands where rows are needed.",
        "let x = 1; x | take 5",
    ),
    explain(
        DYNAMIC_KEY,
        "a dynamic as key or sort order",
        "Rows cannot be grouped, joined or sorted by a dynamic. Convert it first: `tostring(…)`.",
        "datatable (Name: string, Size: long, Time: datetime, Extra: dynamic) [] | summarize count() by Extra",
    ),
    explain(
        JOIN_KEY_TYPES,
        "join keys of different types",
        "Join keys are of one type on both sides, int and long are two. Convert one before the join.",
        "datatable (Name: string, Size: long, Time: datetime, Extra: dynamic) [] | join (datatable (Name: string, Size: long, Time: datetime, Extra: dynamic) []) on $left.Name == $right.Size",
    ),
    explain(
        JOIN_CONDITION,
        "a join condition of an unknown form",
        "A join compares columns: `on Name`, or `on $left.A == $right.B`, several of them joined by `and`.",
        "datatable (Name: string, Size: long, Time: datetime, Extra: dynamic) [] | join (datatable (Name: string, Size: long, Time: datetime, Extra: dynamic) []) on $left.Size > $right.Size",
    ),
    explain(
        NOT_CONSTANT,
        "an expression where a constant is needed",
        "A constant is needed: a literal, a `let` value, or a function of these.",
        "datatable (Name: string) []\n| extend x = column_ifexists(strcat('Na', 'me'), '')",
    ),
    explain(
        INVALID_LITERAL,
        "a literal that is not a value of its type",
        "The text within `datetime(…)`, `timespan(…)` and the like is not a value of the type.",
        "print datetime(yesterday)",
    ),
    explain(
        NOT_DYNAMIC,
        "a property of something that is not dynamic",
        "Only a dynamic has properties and elements. `parse_json(…)` makes a dynamic of a text.",
        "datatable (Name: string, Size: long, Time: datetime, Extra: dynamic) [] | where Name.part == 'x'",
    ),
    explain(
        DATATABLE_VALUES,
        "values that do not fill the rows",
        "The values of a `datatable` fill its rows from left to right; their number is a multiple of the columns'.",
        "datatable (a: long, b: long) [1, 2, 3]",
    ),
    explain(
        UNKNOWN_ARGUMENT_VALUE,
        "a text that the argument cannot be",
        "The argument is one of a few texts; the help names the nearest.",
        "print datetime_diff('days', now(), ago(1d))",
    ),
    explain(
        AGGREGATE_HERE,
        "an aggregate where rows are not grouped",
        "Aggregates stand in `summarize`, `make-series` and the like. Per row, there is `array_length`, `max_of` and so on.",
        "datatable (Name: string, Size: long, Time: datetime, Extra: dynamic) [] | where count() > 1",
    ),
    explain(
        NOT_AGGREGATED,
        "a column outside an aggregate",
        "In `summarize`, a column stands within an aggregate or after `by`. `take_any(…)` takes the value of some row.",
        "datatable (Name: string, Size: long, Time: datetime, Extra: dynamic) [] | summarize Name, count()",
    ),
    explain(
        MISSING_COLUMNS,
        "a table without the columns asked for",
        "The function's parameter declares columns that the table has not, or has with another type.",
        "let f = (T: (Wanted: long)) { T };\ndatatable (Name: string, Size: long, Time: datetime, Extra: dynamic) [] | invoke f()",
    ),
    explain(
        TOO_MANY_NAMES,
        "more names than values",
        "`(a, b) = f()` names the columns that `f` yields, and there are fewer of them.",
        "datatable (Name: string, Size: long, Time: datetime, Extra: dynamic) [] | summarize (a, b) = count()",
    ),
    explain(
        NOT_COLUMN,
        "an expression where a column is needed",
        "Only a column can stand here, no expression. Make a column by `extend` first.",
        "datatable (Name: string, Size: long, Time: datetime, Extra: dynamic) [] | project-rename Bytes = strlen(Name)",
    ),
    explain(
        STAR_HERE,
        "`*` where it stands for nothing",
        "`*` stands for all columns in `count(*)`, `arg_max(x, *)` and the like only.",
        "",
    ),
    explain(
        PARSE_PATTERN,
        "a pattern that cannot be read",
        "The pattern of `parse` alternates between texts and columns.",
        "",
    ),
    explain(
        INVALID_REGEX,
        "invalid regular expression",
        "Kusto's regular expressions have neither look-around nor references back to groups. The message says at which character of the pattern what is wrong stands.",
        "DeviceProcessEvents | where ProcessCommandLine matches regex @'net(?=1)'",
    ),
    explain(
        NO_SUCH_GROUP,
        "no such group",
        "`extract_all` returns the groups that its second argument names, by number from 1 or by name. A group that the pattern does not have is left out; where none is left, all are returned.",
        "print extract_all(@'(\\d)(\\d)', dynamic([3]), '42')",
    ),
    explain(
        CONSTANT_WITHOUT_EFFECT,
        "constant without an effect",
        "The query is valid, and this constant makes its function null, empty or false for every row: a text that is not an address, a date or JSON, or the number of a group that the pattern does not have.",
        "print ipv4_is_in_range('10.0.0.1', '10.0.0.0/40')",
    ),
    explain(
        TOO_DEEP,
        "calls or pipelines nested too deep",
        "Calls, views or pipelines within each other beyond the limit, as a query written by hand never has.",
        "",
    ),
    explain(
        TOO_LARGE,
        "a query that unfolds to too much",
        "Functions and variables that name each other unfold to more than can be bound. `materialize(…)` keeps what is used several times.",
        "",
    ),
    explain(
        TOO_MANY_COLUMNS,
        "a result of more columns than the query allows",
        "`set maxoutputcolumns` says how many columns the result may have, and it has more. Kusto refuses it too.",
        "set maxoutputcolumns = 1;\nprint Name = 'a', Size = 2",
    ),
];

const fn explain(
    code: Code,
    summary: &'static str,
    text: &'static str,
    example: &'static str,
) -> Explanation {
    Explanation { code, summary, text, example }
}

#[cfg(test)]
mod tests {
    use super::EXPLANATIONS;

    #[test]
    fn codes_are_explained_in_order_and_once() {
        assert!(EXPLANATIONS.windows(2).all(|pair| pair[0].code < pair[1].code));
    }
}
