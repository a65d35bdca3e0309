//! The codes of what is said of a rule's file: 5xx.
//!
//! A number, once used, never means anything else; a code that is no longer given stays listed.

use kql_syntax::{Code, Explanation};

/// A text that is no YAML.
pub const NO_YAML: Code = Code(500);
/// A field that a rule has to have.
pub const MISSING_FIELD: Code = Code(501);
/// A value that is none of those the field can have.
pub const UNKNOWN_VALUE: Code = Code(502);
/// An id that is no GUID.
pub const INVALID_ID: Code = Code(503);
/// A text that is longer than the field takes, or empty.
pub const TEXT_LENGTH: Code = Code(504);
/// A text that is no length of time.
pub const INVALID_PERIOD: Code = Code(505);
/// A frequency or a period outside of what Sentinel runs.
pub const PERIOD_RANGE: Code = Code(506);
/// A period that is shorter than the frequency.
pub const PERIOD_TOO_SHORT: Code = Code(507);
/// A rule that looks back far, too often.
pub const TOO_FREQUENT: Code = Code(508);
/// A threshold that is no number of rows.
pub const INVALID_THRESHOLD: Code = Code(509);
/// A name that is no tactic.
pub const UNKNOWN_TACTIC: Code = Code(510);
/// A text that is no technique's id.
pub const INVALID_TECHNIQUE: Code = Code(511);
/// Techniques without a tactic.
pub const TECHNIQUES_WITHOUT_TACTICS: Code = Code(512);
/// Too many entities, or too many identifiers of one.
pub const ENTITY_COUNT: Code = Code(513);
/// A name that is no entity's type, or no identifier of it.
pub const UNKNOWN_ENTITY: Code = Code(514);
/// Identifiers that do not identify an entity.
pub const WEAK_ENTITY: Code = Code(515);
/// A column that the query does not yield.
pub const MISSING_COLUMN: Code = Code(516);
/// Custom details that Sentinel does not take.
pub const CUSTOM_DETAILS: Code = Code(517);
/// A format of alerts that Sentinel does not take.
pub const ALERT_FORMAT: Code = Code(518);
/// A version that is none.
pub const INVALID_VERSION: Code = Code(519);
/// A field that looks like a misspelt one.
pub const MISSPELT_FIELD: Code = Code(520);
/// A field that a rule in near real time has no use for.
pub const UNUSED_SCHEDULE: Code = Code(521);
/// A query over all tables.
pub const ALL_TABLES: Code = Code(522);
/// A field of another form: a text where a list is needed.
pub const WRONG_FORM: Code = Code(523);
/// A key that stands twice in one mapping.
pub const REPEATED_KEY: Code = Code(524);
/// A file with a query that is no rule.
pub const NO_RULE: Code = Code(525);
/// A value that only the deployment of a template decides.
pub const OPEN_EXPRESSION: Code = Code(526);
/// A query that looks back further than its rule does.
pub const LOOK_BACK: Code = Code(527);
/// A query that YAML changes by folding its lines.
pub const FOLDED_QUERY: Code = Code(528);
/// A join without a kind whose left side may have several rows of a key.
pub const BARE_JOIN: Code = Code(529);
/// A custom detection without the columns that Defender needs.
pub const DETECTION_COLUMNS: Code = Code(530);
/// A frequency that Defender does not run.
pub const DETECTION_FREQUENCY: Code = Code(531);
/// A query that Defender does not run in near real time.
pub const DETECTION_QUERY: Code = Code(532);
/// A trigger that is met where no row is found.
pub const FIRES_ON_NOTHING: Code = Code(533);
/// A look-back that Defender does not take.
pub const DETECTION_LOOK_BACK: Code = Code(534);
/// A grouping of alerts into incidents that Sentinel does not take.
pub const INCIDENT_GROUPING: Code = Code(535);
/// A rule that Sentinel does not run.
pub const NOT_OF_SENTINEL: Code = Code(536);
/// Something of a rule that another form has no place for.
pub const NO_FORM: Code = Code(537);
/// Something that cannot be kept when it is imported.
pub const NOT_KEPT: Code = Code(538);
/// A rule whose runs find the same events again.
pub const DUPLICATES: Code = Code(539);
/// A rule that wants several events, which no run may see together.
pub const BLIND_SPAN: Code = Code(540);
/// A query over data outside the workspace.
pub const OTHER_SERVICE: Code = Code(541);
/// Columns of a bag that the rows of a run may not have.
pub const UNPACKED_COLUMNS: Code = Code(542);

/// Every code in order.
pub static EXPLANATIONS: &[Explanation] = &[
    explain(
        NO_YAML,
        "a rule file that is not YAML",
        "The file cannot be read as YAML, so there is no query to check. A query with `:` or `#` in it is best written as a block: `query: |`, and its lines indented below.",
    ),
    explain(
        MISSING_FIELD,
        "missing field",
        "Sentinel does not take an analytics rule without this field. Where it is a warning, the rule can be deployed, and only the checks of the public rule repository ask for the field.",
    ),
    explain(
        UNKNOWN_VALUE,
        "unknown value",
        "The field takes one of a few values, which the help names. Case counts.",
    ),
    explain(
        INVALID_ID,
        "id that is not a GUID",
        "The id of a rule is a GUID, and every rule has its own.",
    ),
    explain(
        TEXT_LENGTH,
        "text too long or empty",
        "Sentinel limits texts: a name has up to 256 characters, a description 5,000, a query 1 to 10,000. Long lists in a query belong in a watchlist.",
    ),
    explain(
        INVALID_PERIOD,
        "no length of time",
        "A length of time is a number and a unit, `5m`, `1h` or `14d`, or ISO 8601: `PT1H`, `P1D`.",
    ),
    explain(
        PERIOD_RANGE,
        "schedule out of range",
        "Sentinel runs a rule every five minutes at most and every 14 days at least, and looks back five minutes to 14 days.",
    ),
    explain(
        PERIOD_TOO_SHORT,
        "period shorter than the frequency",
        "A rule that looks back less far than to its last run misses what happened in between. `queryPeriod` has to be at least `queryFrequency`.",
    ),
    explain(
        TOO_FREQUENT,
        "long period, high frequency",
        "A rule that looks back two days or more runs once an hour at most.",
    ),
    explain(
        INVALID_THRESHOLD,
        "no threshold",
        "`triggerThreshold` is a number of rows from 0 to 10,000.",
    ),
    explain(
        UNKNOWN_TACTIC,
        "unknown tactic",
        "Tactics are those of MITRE ATT&CK, written without blanks: `LateralMovement`.",
    ),
    explain(
        INVALID_TECHNIQUE,
        "no technique",
        "Techniques are given by their ids in MITRE ATT&CK: `T1021`, `T1021.002`.",
    ),
    explain(
        TECHNIQUES_WITHOUT_TACTICS,
        "techniques without tactics",
        "A technique belongs to at least one tactic; without it, Sentinel shows the technique nowhere.",
    ),
    explain(
        ENTITY_COUNT,
        "too many entities",
        "A rule maps up to ten entities, with one to three identifiers each. The checks of the public rule repository allow five entities.",
    ),
    explain(
        UNKNOWN_ENTITY,
        "unknown entity or identifier",
        "Sentinel knows a fixed list of entity types, and for each a list of identifiers. Case counts.",
    ),
    explain(
        WEAK_ENTITY,
        "identifiers that do not identify",
        "Each entity needs at least one identifier, or one combination, that tells it from others: an account its `FullName`, `Sid` or `Name`, a hash its `Algorithm` and `Value`.",
    ),
    explain(
        MISSING_COLUMN,
        "column that the query does not yield",
        "The rule takes a value from a column that is not among the query's results, so the value will be missing in every alert. Add the column to the last `project` or `summarize`.",
    ),
    explain(
        CUSTOM_DETAILS,
        "invalid custom details",
        "A rule has up to 20 custom details. A key has up to 20 letters, digits and `_`, and starts with a letter.",
    ),
    explain(
        ALERT_FORMAT,
        "invalid alert format",
        "A format is not empty and has up to three placeholders `{{Column}}`; a name has up to 256 characters, a description 5,000.",
    ),
    explain(
        INVALID_VERSION,
        "no version",
        "A version is three numbers, `1.0.0`, of up to 20 characters in all.",
    ),
    explain(
        MISSPELT_FIELD,
        "misspelt field",
        "Sentinel reads over fields it does not know, so a misspelt one is the same as a missing one.",
    ),
    explain(
        UNUSED_SCHEDULE,
        "schedule of a rule in near real time",
        "A rule of kind `NRT` runs every minute over what has arrived since; it has no schedule and no threshold.",
    ),
    explain(
        ALL_TABLES,
        "query over all tables",
        "Sentinel does not take a rule whose query contains `search *` or `union *`. Name the tables.",
    ),
    explain(
        WRONG_FORM,
        "field of another form",
        "The field is a text, a list or a mapping, as the message says.",
    ),
    explain(
        REPEATED_KEY,
        "key that stands twice",
        "A mapping has one value for each key. Of two, some readers take the first, some the last, and some refuse the file, so Quarry refuses it too. Keep one.",
    ),
    explain(
        NO_RULE,
        "query without a rule",
        "A hunt needs a rule: a name, a severity, and for a schedule how often it runs and how far it looks back. A hunting query has none of these; `quarry query` runs it.",
    ),
    explain(
        OPEN_EXPRESSION,
        "value that the deployment decides",
        "A template's expression has a value here if it is made of constants, variables, and parameters with a `defaultValue`. What asks for the subscription, the workspace or the time is known only when the template is deployed.",
    ),
    explain(
        LOOK_BACK,
        "look-back beyond the period",
        "Sentinel gives a rule's query only the rows of its `queryPeriod`. A query that asks for older rows by `ago(14d)` gets none of them, and nothing says so. Make the period as long, up to 14 days, or the look-back shorter.",
    ),
    explain(
        FOLDED_QUERY,
        "query that YAML changes",
        "YAML joins the lines of a folded block (`>`), of a plain text and of a quoted one. A `//` comment then reaches over all that follows; a plain text ends at ` #`. Only a literal block, `query: |`, keeps a query as it is written.",
    ),
    explain(
        BARE_JOIN,
        "join without a kind",
        "A `join` that names no kind is `innerunique`: of the rows of the left side that have the same key it keeps one, and any. Where the left side has several, matches are lost, and which ones differs from run to run. Say `kind=inner`, or make the left side unique, by `summarize … by` or `distinct` of the keys.",
    ),
    explain(
        DETECTION_COLUMNS,
        "columns that a custom detection needs",
        "Defender makes alerts from `Timestamp` (or `TimeGenerated`), `ReportId` and at least one column that names a device, an account or a mailbox. After `summarize`, keep them by `arg_max(Timestamp, *)`.",
    ),
    explain(
        DETECTION_FREQUENCY,
        "frequency of a custom detection",
        "Defender runs a custom detection every 1, 3, 12 or 24 hours, or in near real time. One that reads only tables of Sentinel it runs at any frequency from 5 minutes to 14 days.",
    ),
    explain(
        DETECTION_QUERY,
        "query for near real time",
        "In near real time, Defender runs queries of one table, without `join`, `union`, `externaldata` and comments.",
    ),
    explain(
        FIRES_ON_NOTHING,
        "trigger is met by no rows",
        "With `lt 1`, `eq 0` or `ne 5` a rule raises an alert where its query finds nothing, and so does `lt 5` in quiet times. Sentinel runs such a rule. Quarry does not: an alert names the records that it rests on, and here there are none.",
    ),
    explain(
        DETECTION_LOOK_BACK,
        "look-back of a custom detection",
        "A custom detection looks back at least as far as to its last run. In near real time it has no look-back.",
    ),
    explain(
        INCIDENT_GROUPING,
        "invalid grouping of incidents",
        "Alerts are grouped into incidents by `AllEntities`, `AnyAlert` or `Selected`. `Selected` names at least one entity type, alert detail or custom detail that has to match. An incident takes alerts from 5 minutes up to 7 days after its first one.",
    ),
    explain(
        NOT_OF_SENTINEL,
        "rule that Sentinel does not run",
        "A simulation does what Sentinel does with analytics rules. Custom detections are run by Defender, whose alerts and incidents come about in other ways.",
    ),
    explain(
        NO_FORM,
        "no faithful form",
        "`quarry export` writes a rule only if the form that was asked for can say all of it. What it has no place for is named. With `--lossy`, details are left behind and told; what would change which alerts are raised is refused still.",
    ),
    explain(
        NOT_KEPT,
        "cannot be kept",
        "`quarry import` writes what it can keep whole. A value that only the deployment of a template decides, a rule made in a loop, a watchlist without its rows, and what is no rule at all are named and left out.",
    ),
    explain(
        DUPLICATES,
        "rule that finds the same events again",
        "A rule that looks back further than to its last run sees an event in several runs. If its query judges each row by itself, each of these runs raises an alert for it: a rule that looks back a day every five minutes raises 288 for one event. `quarry simulate` shows them.",
    ),
    explain(
        BLIND_SPAN,
        "rule that may miss events that belong together",
        "A rule that wants several events, by its threshold, a count or a join, finds them only if one run sees them all. If it looks back less than twice as far as to its last run, events on either side of the edge of a window are in no run together. With a period as long as the frequency, two events as far apart as half of that are missed at every second time at which the rule may have been created. `quarry simulate` names such events.",
    ),
    explain(
        OTHER_SERVICE,
        "data outside the workspace",
        "Sentinel does not take an analytics rule that reads a cluster of Azure Data Explorer by `adx()`.",
    ),
    explain(
        UNPACKED_COLUMNS,
        "columns that a run may not have",
        "`evaluate bag_unpack` makes the columns that the bags of a run's rows have. A run in whose rows a key is missing has no column of that name, and the rule fails. Name the columns by `column_ifexists(\"Name\", \"\")`, or say them behind the call: `bag_unpack(Bag) : (Name: string)`.",
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
