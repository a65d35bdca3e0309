//! Whether every rule of the packages can be saved where only half of its tables are connected, by
//! Microsoft's own binder.
//!
//! In: the rules, and the schemas of the project. Out: each error with its rule and environment. What is
//! kept as it was published is asked for only where its tables are. Without node or the npm package
//! `@kusto/language-service-next` nothing is asked, and the outcome says so.

use std::{
    collections::BTreeMap,
    fmt,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use kql_types::schema::TableSchema;
use serde::{Deserialize, Serialize};
use tables::Environment;
use thiserror::Error;

/// Where the npm package is, if the environment does not say: beside the working copy.
const SERVICE: &str = "../kusto-language/node_modules/@kusto/language-service-next";

/// The tables of Sentinel's agents that rules read.
const SECURITY_EVENT: &str = "SecurityEvent";

/// What came of it.
#[derive(Debug)]
pub enum Deployment {
    /// Nobody was asked, and why.
    LeftOut(String),
    /// How many rules were bound, in how many environments, and what the binder has against them.
    Bound {
        /// The rules.
        rules: usize,
        /// The environments of each.
        environments: usize,
        /// The errors.
        errors: Vec<BindError>,
    },
}

/// An error that a rule has in an environment.
#[derive(Debug, Deserialize)]
pub struct BindError {
    /// The rule's file.
    pub id: String,
    /// The environment.
    pub environment: String,
    /// The binder's code, the line in the query, and its message.
    pub error: String,
}

/// The check could not be made.
#[derive(Debug, Error)]
pub enum DeploymentError {
    /// A rule could not be read.
    #[error("{path}: {problem}", path = path.display())]
    Rule {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// Node ended with an error, or said what is no answer.
    #[error("the language service: {0}")]
    Service(String),
}

#[derive(Serialize)]
struct Question<'a> {
    environments: &'a BTreeMap<&'static str, BTreeMap<String, String>>,
    queries: &'a BTreeMap<String, String>,
}

/// Binds the rules of all packages in every environment.
///
/// - `root`: the project's folder.
/// - `service`: the folder of the npm package, if it is not beside the working copy.
///
/// # Errors
///
/// If a rule cannot be read, or the language service fails.
pub fn deployment(root: &Path, service: Option<&Path>) -> Result<Deployment, DeploymentError> {
    let service = service.map_or_else(|| root.join(SERVICE), Path::to_path_buf);
    if !service.join("bridge.js").is_file() {
        return Ok(Deployment::LeftOut(format!(
            "the npm package @kusto/language-service-next is not in {}",
            service.display()
        )));
    }
    if Command::new("node").arg("--version").output().is_err() {
        return Ok(Deployment::LeftOut("node is not installed".to_owned()));
    }
    let environments = environments();
    let rules = rules(root)?;
    let (verbatim, own): (BTreeMap<_, _>, BTreeMap<_, _>) =
        rules.into_iter().partition(|(id, _)| id.contains("published"));
    let script = root.join("xtask/measure/data/bind.cjs");
    let mut errors = ask(&script, &service, &environments, &own)?;
    let mut with_defender = environments.clone();
    with_defender.retain(|_, tables| tables.keys().any(|table| is_of_defender(table)));
    errors.extend(ask(&script, &service, &with_defender, &verbatim)?);
    let rules = own.len().saturating_add(verbatim.len());
    Ok(Deployment::Bound { rules, environments: environments.len(), errors })
}

fn is_of_defender(table: &str) -> bool {
    table.starts_with("Device")
}

/// Returns the tables of each environment, with their columns as the service takes them.
fn environments() -> BTreeMap<&'static str, BTreeMap<String, String>> {
    let of = |environment, is_connected: &dyn Fn(&str) -> bool| -> BTreeMap<String, String> {
        tables::catalog(environment)
            .into_iter()
            .filter(|table| is_connected(&table.schema.name))
            .map(|table| (table.schema.name.clone(), columns(&table.schema)))
            .collect()
    };
    BTreeMap::from([
        ("SecurityEvent alone", of(Environment::Sentinel, &|table| table == SECURITY_EVENT)),
        ("the agents' tables", of(Environment::Sentinel, &|table| !is_of_defender(table))),
        ("Defender's connector", of(Environment::Sentinel, &is_of_defender)),
        ("both", of(Environment::Sentinel, &|_| true)),
        ("Defender's hunting", of(Environment::Defender, &|_| true)),
    ])
}

fn columns(schema: &TableSchema) -> String {
    let columns: Vec<String> = schema
        .columns
        .iter()
        .map(|column| format!("['{}']: {}", column.name, column.ty.name()))
        .collect();
    format!("({})", columns.join(", "))
}

/// Returns the queries of all rules by file.
fn rules(root: &Path) -> Result<BTreeMap<String, String>, DeploymentError> {
    let detections = root.join("detections");
    let mut rules = BTreeMap::new();
    for package in entries(&detections)? {
        let folder = package.join("rules");
        if !folder.is_dir() {
            continue;
        }
        for path in entries(&folder)? {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.ends_with(".quarry.yaml") {
                continue;
            }
            let failed = |problem: String| DeploymentError::Rule { path: path.clone(), problem };
            let text = std::fs::read_to_string(&path).map_err(|error| failed(error.to_string()))?;
            let file =
                rule_file::RuleFile::read(&text).map_err(|error| failed(error.to_string()))?;
            let query = file.query().ok_or_else(|| failed("no query".to_owned()))?;
            rules.insert(name, query.text.clone());
        }
    }
    Ok(rules)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, DeploymentError> {
    let failed = |error: std::io::Error| DeploymentError::Rule {
        path: folder.to_path_buf(),
        problem: error.to_string(),
    };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        paths.push(entry.map_err(failed)?.path());
    }
    paths.sort();
    Ok(paths)
}

fn ask(
    script: &Path,
    service: &Path,
    environments: &BTreeMap<&'static str, BTreeMap<String, String>>,
    queries: &BTreeMap<String, String>,
) -> Result<Vec<BindError>, DeploymentError> {
    let failed = |error: &dyn fmt::Display| DeploymentError::Service(error.to_string());
    let question =
        serde_json::to_vec(&Question { environments, queries }).map_err(|error| failed(&error))?;
    let mut node = Command::new("node")
        .arg(script)
        .arg(service)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| failed(&error))?;
    // Node reads all of it before it writes anything; dropping the pipe ends what it reads.
    if let Some(mut stdin) = node.stdin.take() {
        stdin.write_all(&question).map_err(|error| failed(&error))?;
    }
    let output = node.wait_with_output().map_err(|error| failed(&error))?;
    if !output.status.success() {
        return Err(failed(&format!("node ended with {}", output.status)));
    }
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).map_err(|error| failed(&error)))
        .collect()
}

impl Deployment {
    /// Tells whether nothing is wrong, as far as somebody was asked.
    pub fn is_good(&self) -> bool {
        match self {
            Self::LeftOut(_) => true,
            Self::Bound { errors, .. } => errors.is_empty(),
        }
    }
}

impl fmt::Display for Deployment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LeftOut(why) => writeln!(f, "binding of rules left out: {why}"),
            Self::Bound { rules, environments, errors } => {
                for BindError { id, environment, error } in errors {
                    writeln!(f, "{id}, {environment}: {error}")?;
                }
                let count = errors.len();
                writeln!(f, "{rules} rules bound in {environments} environments, {count} errors")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_the_package_it_is_left_out_and_said() {
        let nowhere = Path::new("/nowhere");
        let outcome = deployment(nowhere, Some(nowhere)).unwrap();
        assert!(outcome.is_good());
        let text = outcome.to_string();
        assert!(text.starts_with("binding of rules left out: the npm package"), "{text}");
    }

    #[test]
    fn an_error_is_told_with_rule_and_environment() {
        let error =
            BindError { id: "a.yaml".into(), environment: "both".into(), error: "E".into() };
        let bound = Deployment::Bound { rules: 2, environments: 5, errors: vec![error] };
        assert!(!bound.is_good());
        assert_eq!(
            bound.to_string(),
            "a.yaml, both: E\n2 rules bound in 5 environments, 1 errors\n"
        );
    }
}
