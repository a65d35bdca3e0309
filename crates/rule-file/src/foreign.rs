//! Files that are no rule for Sentinel or Defender: what they are, and what to do with them.
//!
//! People keep rules for several products in one folder. Each form here is told by what only it has.

use crate::yaml::Node;

/// Something that holds no rule that can be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// What it is: `a Sigma rule`.
    pub what: String,
    /// What to do instead; empty if there is nothing to be done.
    pub help: String,
    /// Tells whether it is a rule of some other product or form, so that passing over it loses a rule.
    pub is_rule: bool,
}

/// What a template's hunting query is called.
const HUNTING_QUERY: &str = "a hunting query, which has no schedule";

/// What a template's watchlist is called.
const WATCHLIST: &str = "a watchlist";

/// A form that is told by its keys.
struct Shape {
    what: &'static str,
    help: &'static str,
    is_rule: bool,
    /// Each of these lists has a key that is there.
    keys: &'static [&'static [&'static str]],
}

/// The forms, those that have most of their own first.
const SHAPES: &[Shape] = &[
    Shape {
        what: "a Sigma rule",
        help: "convert it to KQL with `sigma convert` and pySigma's Kusto backend",
        is_rule: true,
        keys: &[&["detection"], &["logsource"]],
    },
    Shape {
        what: "a Sigma correlation rule",
        help: "convert it to KQL with `sigma convert` and pySigma's Kusto backend",
        is_rule: true,
        keys: &[&["correlation"], &["title", "name"]],
    },
    Shape {
        what: "a Splunk detection",
        help: "its query is SPL; Quarry runs KQL",
        is_rule: true,
        keys: &[&["search"], &["how_to_implement", "data_source", "known_false_positives", "rba"]],
    },
    Shape {
        what: "an Elastic detection rule",
        help: "its query is written for Elastic; Quarry runs Kusto's KQL",
        is_rule: true,
        keys: &[
            &["rule_id", "risk_score", "risk_score_mapping"],
            &["language", "type"],
            &["index", "query", "severity"],
        ],
    },
    Shape {
        what: "a Panther detection",
        help: "its condition is Python; Quarry runs KQL",
        is_rule: true,
        keys: &[&["AnalysisType"]],
    },
    Shape {
        what: "a Velociraptor artifact",
        help: "its query is VQL; Quarry runs KQL",
        is_rule: true,
        keys: &[&["sources"], &["name"], &["parameters", "type", "precondition"]],
    },
    Shape {
        what: "a pack of osquery",
        help: "its queries are SQL; Quarry runs KQL",
        is_rule: true,
        keys: &[&["queries", "packs"], &["platform", "schedule", "discovery", "version"]],
    },
    Shape {
        what: "a saved function",
        help: "write its query to a `.kql` file of its name, and give the folder by `--functions`",
        is_rule: false,
        keys: &[&["ParserQuery", "FunctionQuery", "FunctionAlias"]],
    },
    Shape {
        what: "a playbook, which acts on alerts and raises none",
        help: "",
        is_rule: false,
        keys: &[&["definition"], &["parameters", "kind", "connectionReferences"]],
    },
    Shape {
        what: "the list of a solution's files, without the rules themselves",
        help: "give the folder of its analytic rules",
        is_rule: true,
        keys: &[
            &["Analytic Rules", "Analytic rules", "AnalyticsRules", "Hunting Queries"],
            &["Name", "BasePath"],
        ],
    },
    Shape {
        what: "a workbook, which shows data and raises no alerts",
        help: "",
        is_rule: false,
        keys: &[
            &["items"],
            &["fallbackResourceIds", "fromTemplateId", "styleSettings", "isLocked"],
        ],
    },
];

/// Returns what a mapping is, if it is of one of the forms that are known and no rule of ours.
pub(crate) fn by_content(node: &Node) -> Option<Foreign> {
    let is_of =
        |shape: &&Shape| shape.keys.iter().all(|names| names.iter().any(|name| node.has(name)));
    // A template with no resources beside a workflow's own schema.
    let schema = node.get("$schema").and_then(Node::text).unwrap_or_default().to_ascii_lowercase();
    if schema.contains("workflowdefinition") {
        return Some(new("a playbook, which acts on alerts and raises none", "", false));
    }
    SHAPES.iter().find(is_of).map(|shape| new(shape.what, shape.help, shape.is_rule))
}

/// Returns what a file is by the ending of its name, where that alone decides.
pub(crate) fn by_ending(ending: &str, text: &str) -> Option<Foreign> {
    Some(match ending {
        "bicep" => new(
            "Bicep",
            "compile it with `bicep build`, and give the template that this makes",
            true,
        ),
        "tf" | "hcl" | "tfvars" => new(
            "a Terraform configuration",
            "export the deployed rules as a template, or write each as a rule in YAML",
            true,
        ),
        "toml" if text.contains("[rule]") => new(
            "an Elastic detection rule",
            "its query is written for Elastic; Quarry runs Kusto's KQL",
            true,
        ),
        "spl" | "conf" => new("a search of Splunk", "its query is SPL; Quarry runs KQL", true),
        "eql" | "esql" => new("a query of Elastic", "Quarry runs Kusto's KQL", true),
        "yar" | "yara" => new("YARA rules", "they match files, not events", true),
        "yaral" | "yl2" => new("a YARA-L rule", "Quarry runs KQL", true),
        "rules" => new("rules for network traffic", "Quarry runs KQL", true),
        "zip" | "7z" | "gz" | "tar" => new("an archive", "unpack it", true),
        "ndjson" | "jsonl" if text.contains("\"rule_id\"") => {
            new("an export of Elastic's rules", "Quarry runs Kusto's KQL", true)
        }
        "ndjson" | "jsonl" | "csv" | "evtx" => new("data and no rule", "", false),
        _ => return None,
    })
}

/// Returns what a template's resource is, if it is worth a word.
pub(crate) fn by_resource(ty: &str, node: &Node) -> Option<Foreign> {
    Some(match ty {
        "savedsearches" => {
            let category = node.at(&["properties", "category"]).and_then(Node::text);
            let is_hunting = category.is_some_and(is_of_hunting);
            if is_hunting {
                new(
                    HUNTING_QUERY,
                    "write its query to a `.kql` file; `quarry query -f FILE` runs it",
                    true,
                )
            } else {
                new(
                    "a saved function",
                    "write its query to a `.kql` file, and give the folder by `--functions`",
                    false,
                )
            }
        }
        "workbooks" | "workbooktemplates" => {
            new("a workbook, which shows data and raises no alerts", "", false)
        }
        "workflows" => new("a playbook, which acts on alerts and raises none", "", false),
        "automationrules" => {
            new("an automation rule, which acts on incidents and raises none", "", false)
        }
        "watchlists" => new(WATCHLIST, "give it by `--watchlist NAME=FILE`", false),
        "scheduledqueryrules" => new(
            "an alert rule of Azure Monitor",
            "it belongs to another service than Sentinel; `quarry query` runs its query",
            true,
        ),
        _ => return None,
    })
}

/// Tells whether a saved search's category is that of hunting queries.
pub(crate) fn is_of_hunting(category: &str) -> bool {
    category.to_ascii_lowercase().contains("hunting")
}

/// Returns the word for a rule whose kind has no query.
pub(crate) fn rule_of_kind(kind: &str) -> Foreign {
    let what = match kind {
        "" => "a rule that does not say of which kind it is".to_owned(),
        kind => format!("a rule of kind `{kind}`, which has no query of its own"),
    };
    let help = "rules of kind `Scheduled` and `NRT` can be checked";
    Foreign { what, help: help.to_owned(), is_rule: true }
}

pub(crate) fn template_without_rules() -> Foreign {
    new("a template without rules", "", false)
}

pub(crate) fn of_no_form() -> Foreign {
    new(
        "no rule of a known form",
        "expected KQL, a rule in YAML with `query`, a template with rules, or a custom detection \
         with `queryCondition.queryText`",
        false,
    )
}

/// Returns the word for a file that cannot be read and does not look like a rule.
pub(crate) fn unreadable(ending: &str, text: &str, why: &str) -> Foreign {
    if text.contains("{{") || text.contains("{%") || text.contains("<%") {
        return new("a template of another tool", "give what it makes", false);
    }
    let form = if ending == "json" { "JSON" } else { "YAML" };
    let what = format!("no {form}: {why}");
    Foreign { what, help: String::new(), is_rule: false }
}

fn new(what: &str, help: &str, is_rule: bool) -> Foreign {
    Foreign { what: what.to_owned(), help: help.to_owned(), is_rule }
}

impl Foreign {
    /// Returns the word for a query where a rule is needed.
    pub fn query() -> Self {
        new("a query and no rule", "`quarry query -f FILE` runs it", false)
    }

    /// Tells whether it is a watchlist.
    pub fn is_watchlist(&self) -> bool {
        self.what == WATCHLIST
    }

    /// Tells whether it is a hunting query of a workspace.
    pub fn is_hunting_query(&self) -> bool {
        self.what == HUNTING_QUERY
    }

    /// Returns the word for a file in which there is nothing.
    pub fn nothing() -> Self {
        of_no_form()
    }
}
