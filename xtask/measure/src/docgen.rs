//! The published reference of the language, made of what the code says of itself.
//!
//! In: the function catalogue, the list of operators, the explanations of diagnostics. Out: pages of
//! Markdown below `docs/reference/`, and the summaries of functions as data for editors. Whether something runs is not written down anywhere: an example
//! of it is compiled.

mod diagnostics;
mod example;
mod functions;
mod operators;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// A page of the reference.
pub struct Page {
    /// Where it is, from the workspace's folder.
    pub path: PathBuf,
    /// The text, in Markdown.
    pub text: String,
}

/// What runs of a kind of features.
struct Feature {
    kind: &'static str,
    page: &'static str,
    running: usize,
    all: usize,
}

/// Where the pages are.
const FOLDER: &str = "docs/reference";

/// What every page starts with, behind its title.
const NOTICE: &str = "<!-- Made by `cargo xtask docgen`. Change what it is made of, not this. -->";

/// Returns all pages.
pub fn pages() -> Vec<Page> {
    let mut pages = Vec::new();
    let mut features = Vec::new();
    let (page, feature) = operators::page();
    pages.push(page);
    features.push(feature);
    let mut data = Vec::new();
    for (page, feature, lines) in
        [functions::scalars(), functions::aggregates(), functions::plugins()]
    {
        pages.push(page);
        features.push(feature);
        data.extend(lines);
    }
    let (path, _) = kql_language::functions_data();
    pages.push(Page { path: path.into(), text: data.join("\n") + "\n" });
    pages.push(index(&features));
    pages.extend(diagnostics::pages());
    pages
}

/// Returns the pages that are not on disk as they should be.
///
/// - `root`: the workspace's folder.
pub fn stale(root: &Path) -> Vec<PathBuf> {
    let is_stale =
        |page: &Page| fs::read_to_string(root.join(&page.path)).ok().as_ref() != Some(&page.text);
    pages().into_iter().filter(is_stale).map(|page| page.path).collect()
}

/// Writes all pages and returns how many there are.
///
/// # Errors
///
/// If one cannot be written.
pub fn write(root: &Path) -> io::Result<usize> {
    let pages = pages();
    for page in &pages {
        let path = root.join(&page.path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, &page.text)?;
    }
    Ok(pages.len())
}

fn page(name: &str, title: &str, body: &str) -> Page {
    let text = format!("# {title}\n\n{NOTICE}\n\n{}\n", body.trim());
    Page { path: Path::new(FOLDER).join(name), text }
}

fn index(features: &[Feature]) -> Page {
    let rows: Vec<String> = features
        .iter()
        .map(|Feature { kind, page, running, all }| {
            format!("| [{kind}]({page}) | {running} | {all} |\n")
        })
        .collect();
    let body = format!(
        "What of KQL Quarry knows, and what of it runs. All of it is parsed and bound: `quarry check` \
         says of any query what Kusto would say. What does not run yet is refused by name, with a \
         code from 900 up, before any data is read. “Runs” means that an example gets a plan; what \
         runs on some types only is marked.\n\n\
         | feature | runs | known |\n|---|--:|--:|\n{}\n\
         What a running feature answers is shown by the literate tests under `spec/`.\n\n\
         - [Diagnostics](diagnostics/README.md): what every code means, with an example.\n",
        rows.concat()
    );
    page("README.md", "KQL reference", &body)
}

/// Escapes what would end a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
