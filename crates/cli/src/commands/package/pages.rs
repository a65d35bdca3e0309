//! `quarry pages`: a package as pages for people.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::Args;

use super::super::export::output::Output;
use crate::{error::CommandError, exit::ExitStatus, rules, ui::Ui};

/// Write a package as pages: what each rule sees, how it was tested, how to tune it
///
/// One page for each rule, with its blind spots, its tests and their telemetry, which `quarry hunt` reads, its
/// query and its history; one of behaviours and rules, one of who used the technique, and a table of contents.
/// They are Markdown, as mdBook and other makers of sites take it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  quarry pages --out site/src
  quarry pages --package detections/t1021.006 --out pages/

Exit status: 0 all pages were written, 2 usage or package error.")]
pub(crate) struct PagesArgs {
    /// The package in DIR, else the built-in one; its own Markdown files are copied beside the pages
    #[arg(long, value_name = "DIR")]
    package: Option<PathBuf>,

    /// A folder for the pages; files of the same names are replaced
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

pub(crate) fn run(args: &PagesArgs, ui: &Ui) -> Result<ExitStatus, CommandError> {
    let package = rules::package(args.package.as_deref())?;
    let guides = args.package.as_deref().map_or_else(|| Ok(Vec::new()), guides)?;
    let names: Vec<String> = guides.iter().map(|(name, _)| name.clone()).collect();
    let mut pages = report::package::pages::pages(&package, &names).map_err(CommandError::user)?;
    pages.extend(guides);
    let mut output = Output::new(&args.out);
    output.needs_folder("a page for each rule")?;
    let count = pages.len();
    for (name, text) in pages {
        output.add_named(&name, text);
    }
    output.write()?;
    ui.note(&format!("{count} files written to {}", args.out.display()));
    Ok(ExitStatus::Nothing)
}

/// Returns the package's own pages by their names.
fn guides(folder: &Path) -> Result<Vec<(String, String)>, CommandError> {
    let failed = |path: &Path, error: std::io::Error| {
        CommandError::user(format!("{}: cannot be read: {error}", path.display()))
    };
    let mut guides = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| failed(folder, error))? {
        let path = entry.map_err(|error| failed(folder, error))?.path();
        if path.is_file() && path.extension().is_some_and(|ending| ending == "md") {
            let name = path.file_name().and_then(|name| name.to_str()).ok_or_else(|| {
                CommandError::user(format!("{}: the name is not UTF-8", path.display()))
            })?;
            let text = fs::read_to_string(&path).map_err(|error| failed(&path, error))?;
            guides.push((name.to_owned(), text));
        }
    }
    guides.sort();
    Ok(guides)
}
