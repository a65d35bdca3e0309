//! What is written of functions that are not kernels, and so cannot say it themselves: conversions, functions of
//! neighbouring rows, aggregates, plugins.
//!
//! An example is a whole query with one row and one column, and the text of its value. `kql-datafusion::it examples`
//! runs them all.

/// What is written of a function.
#[derive(Clone, Copy, Debug)]
pub struct CallDocs {
    /// `scalar`, `aggregate` or `plugin`.
    pub kind: &'static str,
    /// The function's canonical name.
    pub name: &'static str,
    /// What it does, in one sentence; `""` where the function says so itself.
    pub summary: &'static str,
    /// A query that calls it.
    pub example: &'static str,
    /// The query's only value, as text.
    pub result: &'static str,
}

const fn scalar(
    name: &'static str,
    summary: &'static str,
    example: &'static str,
    result: &'static str,
) -> CallDocs {
    CallDocs { kind: "scalar", name, summary, example, result }
}

const fn aggregate(name: &'static str, example: &'static str, result: &'static str) -> CallDocs {
    CallDocs { kind: "aggregate", name, summary: "", example, result }
}

const fn plugin(
    name: &'static str,
    summary: &'static str,
    example: &'static str,
    result: &'static str,
) -> CallDocs {
    CallDocs { kind: "plugin", name, summary, example, result }
}

/// Every function that is written of here.
#[rustfmt::skip]
pub const CALLS: &[CallDocs] = &[
    scalar("tobool", "Converts a value to bool: the texts `true` and `false`, and numbers, of which zero is false.", "print tobool('true')", "True"),
    scalar("todatetime", "Converts a value to datetime; null where the text is not one.", "print todatetime('2024-03-01 12:00')", "2024-03-01T12:00:00.0000000Z"),
    scalar("todecimal", "Converts a value to decimal; null where the text is not a number.", "print todecimal('1.25')", "1.25"),
    scalar("toguid", "Converts a text to a GUID; null where it is not one.", "print toguid('74BE27DE-1E4E-49D9-B579-FE0B331D3642')", "74be27de-1e4e-49d9-b579-fe0b331d3642"),
    scalar("toint", "Converts a value to a 32-bit integer; null where the text is not one.", "print toint('123')", "123"),
    scalar("tolong", "Converts a value to a 64-bit integer; null where the text is not one.", "print tolong('0x10')", "16"),
    scalar("toreal", "Converts a value to a floating-point number; null where the text is not one.", "print toreal('1.5')", "1.5"),
    scalar("tostring", "Converts a value to text; null becomes the empty string.", "print tostring(dynamic({'a': 1}))", "{\"a\":1}"),
    scalar("totimespan", "Converts a value to timespan; null where the text is not one.", "print totimespan('1.02:00:00')", "1.02:00:00"),
    scalar("not", "Returns true where its argument is false, and null where it is null.", "print not(1 == 2)", "True"),
    scalar("now", "Returns the time at which the query runs, the same for all rows, moved by an offset.", "print now() < now(1h)", "True"),
    scalar("ago", "Returns the time at which the query runs, less a timespan.", "print ago(1h) < now()", "True"),
    scalar("column_ifexists", "Returns the column of that name, or the second argument if the rows have no such column.", "print a = 1 | project column_ifexists('b', 'none')", "none"),
    scalar("iscolumnexists", "Tells whether the rows have a column of that name.", "print a = 1 | project iscolumnexists('a')", "True"),
    scalar("bag_pack_columns", "Returns a bag of columns, each under its name.", "print a = 1, b = 'x' | project bag_pack_columns(a, b)", "{\"a\":1,\"b\":\"x\"}"),
    scalar("column_names_of", "Returns the names of a table's columns, as an array.", "let T = datatable (a: long, b: string) []; print column_names_of(T)", "[\"a\",\"b\"]"),
    scalar("next", "Returns the value of an expression in a later row of ordered rows.", "range x from 1 to 3 step 1 | serialize n = next(x, 1, -1) | summarize make_list(n)", "[2,3,-1]"),
    scalar("prev", "Returns the value of an expression in an earlier row of ordered rows.", "range x from 1 to 3 step 1 | serialize p = prev(x, 1, -1) | summarize make_list(p)", "[-1,1,2]"),
    scalar("row_cumsum", "Returns the sum of a column up to each of the ordered rows; it starts again where the second argument is true.", "range x from 1 to 4 step 1 | serialize s = row_cumsum(x, x == 3) | summarize make_list(s)", "[1,3,3,7]"),
    scalar("row_number", "Returns the number of each of the ordered rows; it starts again where the second argument is true.", "range x from 5 to 7 step 1 | serialize n = row_number() | summarize make_list(n)", "[1,2,3]"),
    scalar("row_rank_dense", "Returns the rank of each of the ordered rows: equal values share one, and none is left out.", "datatable (x: long) [5, 5, 9] | serialize r = row_rank_dense(x) | summarize make_list(r)", "[1,1,2]"),
    scalar("row_rank_min", "Returns the rank of each of the ordered rows: equal values share the lowest, and the next is left out.", "datatable (x: long) [5, 5, 9] | serialize r = row_rank_min(x) | summarize make_list(r)", "[1,1,3]"),
    scalar("row_window_session", "Returns the first value of the session that each of the ordered rows belongs to; gaps and lengths are limited.", "datatable (t: datetime) [datetime(2024-01-01 00:00), datetime(2024-01-01 00:01), datetime(2024-01-01 09:00)] | serialize s = row_window_session(t, 1d, 5m) | summarize dcount(s)", "2"),

    aggregate("arg_max", "datatable (k: string, n: long) ['a', 1, 'b', 7] | summarize arg_max(n, k) | project k", "b"),
    aggregate("arg_min", "datatable (k: string, n: long) ['a', 1, 'b', 7] | summarize arg_min(n, k) | project k", "a"),
    aggregate("avg", "range x from 1 to 4 step 1 | summarize avg(x)", "2.5"),
    aggregate("avgif", "range x from 1 to 4 step 1 | summarize avgif(x, x > 2)", "3.5"),
    aggregate("binary_all_and", "datatable (x: long) [7, 6] | summarize binary_all_and(x)", "6"),
    aggregate("binary_all_or", "datatable (x: long) [1, 6] | summarize binary_all_or(x)", "7"),
    aggregate("binary_all_xor", "datatable (x: long) [7, 6] | summarize binary_all_xor(x)", "1"),
    aggregate("buildschema", "datatable (d: dynamic) [dynamic({'a': 1})] | summarize buildschema(d)", "{\"a\":\"long\"}"),
    aggregate("count", "range x from 1 to 4 step 1 | summarize count()", "4"),
    aggregate("count_distinct", "datatable (x: long) [1, 1, 2] | summarize count_distinct(x)", "2"),
    aggregate("count_distinctif", "datatable (x: long) [1, 1, 2] | summarize count_distinctif(x, x < 2)", "1"),
    aggregate("countif", "range x from 1 to 4 step 1 | summarize countif(x > 2)", "2"),
    aggregate("covariance", "range x from 1 to 3 step 1 | summarize covariance(x, 2 * x)", "2.0"),
    aggregate("covarianceif", "range x from 1 to 4 step 1 | summarize covarianceif(x, 2 * x, x < 4)", "2.0"),
    aggregate("covariancep", "datatable (x: long) [1, 3] | summarize covariancep(x, 2 * x)", "2.0"),
    aggregate("covariancepif", "datatable (x: long) [1, 3, 9] | summarize covariancepif(x, 2 * x, x < 9)", "2.0"),
    aggregate("dcount", "datatable (x: long) [1, 1, 2] | summarize dcount(x)", "2"),
    aggregate("dcountif", "datatable (x: long) [1, 1, 2] | summarize dcountif(x, x < 2)", "1"),
    aggregate("hll", "range x from 1 to 5 step 1 | summarize h = hll(x) | project dcount_hll(h)", "5"),
    aggregate("hll_if", "range x from 1 to 5 step 1 | summarize h = hll_if(x, x > 2) | project dcount_hll(h)", "3"),
    aggregate("hll_merge", "range x from 1 to 4 step 1 | summarize h = hll(x) by x % 2 | summarize m = hll_merge(h) | project dcount_hll(m)", "4"),
    aggregate("make_bag", "datatable (d: dynamic) [dynamic({'a': 1}), dynamic({'b': 2})] | summarize make_bag(d)", "{\"a\":1,\"b\":2}"),
    aggregate("make_bag_if", "datatable (d: dynamic, k: bool) [dynamic({'a': 1}), true, dynamic({'b': 2}), false] | summarize make_bag_if(d, k)", "{\"a\":1}"),
    aggregate("make_list", "datatable (x: long) [1, 1, 2] | summarize make_list(x)", "[1,1,2]"),
    aggregate("make_list_if", "datatable (x: long) [1, 1, 2] | summarize make_list_if(x, x < 2)", "[1,1]"),
    aggregate("make_list_with_nulls", "datatable (x: long) [1, long(null)] | summarize make_list_with_nulls(x)", "[1,null]"),
    aggregate("make_set", "datatable (x: long) [1, 1, 2] | summarize make_set(x)", "[1,2]"),
    aggregate("make_set_if", "datatable (x: long) [1, 1, 2] | summarize make_set_if(x, x < 2)", "[1]"),
    aggregate("max", "range x from 1 to 4 step 1 | summarize max(x)", "4"),
    aggregate("maxif", "range x from 1 to 4 step 1 | summarize maxif(x, x < 3)", "2"),
    aggregate("min", "range x from 1 to 4 step 1 | summarize min(x)", "1"),
    aggregate("minif", "range x from 1 to 4 step 1 | summarize minif(x, x > 2)", "3"),
    aggregate("percentile", "range x from 1 to 100 step 1 | summarize percentile(x, 95)", "95"),
    aggregate("percentiles_array", "range x from 1 to 100 step 1 | summarize percentiles_array(x, 5, 50)", "[5,50]"),
    aggregate("stdev", "datatable (x: long) [1, 2, 3] | summarize stdev(x)", "1.0"),
    aggregate("stdevif", "datatable (x: long) [1, 2, 3, 9] | summarize stdevif(x, x < 9)", "1.0"),
    aggregate("stdevp", "datatable (x: long) [1, 3] | summarize stdevp(x)", "1.0"),
    aggregate("sum", "range x from 1 to 4 step 1 | summarize sum(x)", "10"),
    aggregate("sumif", "range x from 1 to 4 step 1 | summarize sumif(x, x > 2)", "7"),
    aggregate("take_any", "datatable (x: long) [5, 5] | summarize take_any(x)", "5"),
    aggregate("take_anyif", "datatable (x: long) [1, 5] | summarize take_anyif(x, x > 2)", "5"),
    aggregate("tdigest", "range x from 1 to 100 step 1 | summarize t = tdigest(x) | project percentile_tdigest(t, 50)", "50"),
    aggregate("tdigest_merge", "range x from 1 to 4 step 1 | summarize t = tdigest(x) by x % 2 | summarize m = tdigest_merge(t) | project percentile_tdigest(m, 100)", "4"),
    aggregate("variance", "datatable (x: long) [1, 2, 3] | summarize variance(x)", "1.0"),
    aggregate("varianceif", "datatable (x: long) [1, 2, 3, 9] | summarize varianceif(x, x < 9)", "1.0"),
    aggregate("variancep", "datatable (x: long) [1, 3] | summarize variancep(x)", "1.0"),
    aggregate("variancepif", "datatable (x: long) [1, 3, 9] | summarize variancepif(x, x < 9)", "1.0"),

    plugin("active_users_count", "Counts, for each window of time, the users who were active in enough of its periods.", "datatable (u: string, t: datetime) ['a', datetime(2024-01-01), 'a', datetime(2024-01-02), 'b', datetime(2024-01-02)] | evaluate active_users_count(u, t, datetime(2024-01-01), datetime(2024-01-03), 2d, 1d, 2, 2d) | project dcount | top 1 by dcount", "1"),
    plugin("activity_counts_metrics", "Counts, for each window of time, all values, the different ones, the new ones, and the different ones so far.", "datatable (u: string, t: datetime) ['a', datetime(2024-01-01), 'a', datetime(2024-01-01 01:00), 'b', datetime(2024-01-01)] | evaluate activity_counts_metrics(u, t, datetime(2024-01-01), datetime(2024-01-02), 1d) | project new_dcount", "2"),
    plugin("activity_engagement", "Returns the share of the users of a long window who were active in a short one.", "datatable (u: string, t: datetime) ['a', datetime(2024-01-01), 'b', datetime(2024-01-02)] | evaluate activity_engagement(u, t, datetime(2024-01-01), datetime(2024-01-02), 1d, 2d) | top 1 by t desc | project activity_ratio", "0.5"),
    plugin("activity_metrics", "Compares each window of time with the one before: different values, new ones, retention and churn.", "datatable (u: string, t: datetime) ['a', datetime(2024-01-01), 'a', datetime(2024-01-02), 'b', datetime(2024-01-02)] | evaluate activity_metrics(u, t, datetime(2024-01-01), datetime(2024-01-02), 1d) | top 1 by t desc | project dcount_newvalues", "1"),
    plugin("bag_unpack", "Makes columns of a bag's keys.", "print d = dynamic({'a': 1}) | evaluate bag_unpack(d): (a: long)", "1"),
    plugin("dcount_intersect", "Counts the different values that sketches have in common.", "range x from 1 to 4 step 1 | summarize a = hll_if(x, x > 1), b = hll_if(x, x < 4) | evaluate dcount_intersect(a, b) | project s1", "2"),
    plugin("geo_line_lookup", "Joins places with the lines that are near them.", "let L = datatable (n: string, l: dynamic) ['road', dynamic({'type': 'LineString', 'coordinates': [[0, 0], [1, 0]]})]; datatable (x: real, y: real) [0.5, 0.0] | evaluate geo_line_lookup(L, l, x, y, 100) | project n", "road"),
    plugin("geo_polygon_lookup", "Joins places with the polygons that they lie in.", "let P = datatable (n: string, p: dynamic) ['field', dynamic({'type': 'Polygon', 'coordinates': [[[0, 0], [1, 0], [1, 1], [0, 0]]]})]; datatable (x: real, y: real) [0.5, 0.2] | evaluate geo_polygon_lookup(P, p, x, y) | project n", "field"),
    plugin("identity", "Returns the rows as they are.", "print a = 1 | evaluate identity()", "1"),
    plugin("ipv4_lookup", "Joins addresses with the networks that they are in.", "let N = datatable (net: string, site: string) ['10.0.0.0/8', 'inside']; datatable (ip: string) ['10.1.2.3'] | evaluate ipv4_lookup(N, ip, net) | project site", "inside"),
    plugin("ipv6_lookup", "Joins addresses, IPv4 as well, with the networks that they are in.", "let N = datatable (net: string, site: string) ['2001:db8::/32', 'inside']; datatable (ip: string) ['2001:db8::1'] | evaluate ipv6_lookup(N, ip, net) | project site", "inside"),
    plugin("narrow", "Makes a row of each cell: row, column, value.", "print a = 7 | evaluate narrow() | project Value", "7"),
    plugin("rows_near", "Returns the rows for which a condition holds, and as many of the ordered rows before and after each.", "range x from 1 to 9 step 1 | serialize | evaluate rows_near(x == 5, 1) | summarize make_list(x)", "[4,5,6]"),
    plugin("session_count", "Counts sessions of users over windows of time.", "datatable (u: string, t: datetime) ['a', datetime(2024-01-01 00:00), 'a', datetime(2024-01-01 00:05)] | evaluate session_count(u, t, datetime(2024-01-01), datetime(2024-01-02), 1d, 10m) | top 1 by count_sessions | project count_sessions", "1"),
    plugin("sliding_window_counts", "Counts values and different values of windows of time that overlap.", "datatable (u: string, t: datetime) ['a', datetime(2024-01-01), 'a', datetime(2024-01-02)] | evaluate sliding_window_counts(u, t, datetime(2024-01-02), datetime(2024-01-02), 2d, 1d) | top 1 by Count | project Count", "2"),
];
