//! `quarry fmt`: queries in the usual layout.

use std::{
    fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use clap::Args;
use rule_file::{Content, Encoding, RuleFile, SourceText};
use similar::TextDiff;
use walkdir::WalkDir;

use crate::{
    commands::check::found::{is_kql, is_yaml},
    error::CommandError,
    exit::ExitStatus,
    ui::Ui,
    whole,
};

/// Lay out queries in the usual way
///
/// One operator a line, long lists and conditions broken at 100 columns. Only white space changes:
/// comments, spelling and quoting stay. Files are rewritten; the query on stdin goes to stdout. In a
/// rule's YAML the query is laid out if it is a literal block (`query: |`), and no other byte changes.
/// Folders are walked.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  quarry fmt hunting/ rules/
  quarry fmt --check .
  quarry fmt --diff query.kql
  quarry fmt - < query.kql

Exit status: 0 all is well, 1 with --check or --diff: something would change, 2 usage or input error,
or a query with syntax errors, which is left as it is.")]
pub(crate) struct FmtArgs {
    /// Files and folders; `-` is stdin
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Change nothing; name the files that would change
    #[arg(long)]
    check: bool,

    /// Change nothing; show what would change
    #[arg(long)]
    diff: bool,
}

/// What became of the files.
#[derive(Default)]
struct Count {
    changed: usize,
    same: usize,
    failed: usize,
}

pub(crate) fn run(args: &FmtArgs, ui: &Ui) -> Result<ExitStatus, CommandError> {
    let mut count = Count::default();
    for path in &args.paths {
        if path == Path::new("-") {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text)?;
            match format(Path::new("<stdin>"), &text, ui) {
                Some(formatted) => stdin(&text, &formatted, args, ui, &mut count)?,
                None => count.failed = count.failed.saturating_add(1),
            }
            continue;
        }
        for file in files(path)? {
            match read(&file) {
                Ok(SourceText { encoding: Encoding::Utf16, .. }) => {
                    ui.note(&format!("{}: left as it is: UTF-16", file.display()));
                    count.same = count.same.saturating_add(1);
                }
                Ok(SourceText { text, encoding }) => match format(&file, &text, ui) {
                    Some(formatted) => {
                        let mark = if encoding == Encoding::Utf8WithMark { "\u{feff}" } else { "" };
                        let with_mark = |text: &str| format!("{mark}{text}");
                        let (text, formatted) = (with_mark(&text), with_mark(&formatted));
                        settle(&file, &text, &formatted, args, ui, &mut count)?;
                    }
                    None => count.failed = count.failed.saturating_add(1),
                },
                Err(error) => {
                    ui.warning(&format!("{}: {error}", file.display()));
                    count.failed = count.failed.saturating_add(1);
                }
            }
        }
    }
    let changes = if args.check || args.diff { "would change" } else { "changed" };
    let Count { changed, same, failed } = count;
    ui.note(&format!("{changed} {changes}, {same} as they should be, {failed} failed"));
    Ok(match (failed, args.check || args.diff) {
        (1.., _) => ExitStatus::Error,
        (0, true) if changed > 0 => ExitStatus::Findings,
        (0, _) => ExitStatus::Nothing,
    })
}

fn read(path: &Path) -> io::Result<SourceText> {
    SourceText::decode(&fs::read(path)?)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// Returns the files that a path stands for: itself, or all queries and rules below a folder.
fn files(path: &Path) -> Result<Vec<PathBuf>, CommandError> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in WalkDir::new(path).follow_links(true).sort_by_file_name() {
        let entry = entry.map_err(|error| CommandError::user(error.to_string()))?;
        if entry.file_type().is_file() && (is_kql(entry.path()) || is_yaml(entry.path())) {
            files.push(entry.into_path());
        }
    }
    Ok(files)
}

/// Returns a file's text with its query laid out; `None` after telling of errors in it.
fn format(path: &Path, text: &str, ui: &Ui) -> Option<String> {
    if !is_yaml(path) {
        return kql_syntax::format(text)
            .inspect_err(|found| ui.diagnostics(&path.display().to_string(), text, found))
            .ok();
    }
    let unchanged = || Some(text.to_owned());
    // What is no rule, or no YAML, is nothing of ours; `check` says more.
    let Ok(rule) = RuleFile::read(text) else { return unchanged() };
    let Some(query) = rule.query() else { return unchanged() };
    if let Content::Rules { rules, .. } = Content::read(&path.to_string_lossy(), text)
        && rules.len() > 1
    {
        ui.note(&format!("{}: left as it is: several rules in one file", path.display()));
        return unchanged();
    }
    match kql_syntax::format(&query.text) {
        Ok(formatted) => {
            let rewritten = rule.with_query(text, &formatted);
            if rewritten.is_none() {
                let name = path.display();
                ui.note(&format!("{name}: left as it is: the query is not a literal block (`|`)"));
            }
            rewritten.or_else(unchanged)
        }
        Err(mut found) => {
            for diagnostic in &mut found {
                diagnostic.span = query.places.place(diagnostic.span);
                for label in &mut diagnostic.labels {
                    label.span = query.places.place(label.span);
                }
            }
            ui.diagnostics(&path.display().to_string(), text, &found);
            None
        }
    }
}

fn stdin(
    text: &str,
    formatted: &str,
    args: &FmtArgs,
    ui: &Ui,
    count: &mut Count,
) -> Result<(), CommandError> {
    let name = Path::new("<stdin>");
    if args.check || args.diff {
        return settle(name, text, formatted, args, ui, count);
    }
    let counter = if text == formatted { &mut count.same } else { &mut count.changed };
    *counter = counter.saturating_add(1);
    let mut stdout = ui.stdout();
    stdout.write_all(formatted.as_bytes())?;
    Ok(stdout.flush()?)
}

/// Writes what has changed, or tells of it.
fn settle(
    path: &Path,
    text: &str,
    formatted: &str,
    args: &FmtArgs,
    ui: &Ui,
    count: &mut Count,
) -> Result<(), CommandError> {
    if text == formatted {
        count.same = count.same.saturating_add(1);
        return Ok(());
    }
    count.changed = count.changed.saturating_add(1);
    let name = path.display().to_string();
    let mut stdout = ui.stdout();
    if args.diff {
        let diff = TextDiff::from_lines(text, formatted);
        write!(stdout, "{}", diff.unified_diff().header(&name, &name))?;
    } else if args.check {
        writeln!(stdout, "{name}")?;
    } else {
        whole::write_bytes(path, formatted.as_bytes())?;
    }
    Ok(stdout.flush()?)
}
