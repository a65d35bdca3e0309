//! Prints what `measure` measures, and writes the reference; run as `cargo xtask conformance`,
//! `coverage`, `docgen` and `deployment`.
//!
//! Exit status: 0 all is well, 1 a bar is not reached or a page is not up to date,
//! 2 something cannot be read or written.

use std::{
    error::Error,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand};
use measure::{Report, answers, docgen, language, real_queries, recorded_queries};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Measure Quarry against the reference material")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Compare with Microsoft's language service and engine
    Conformance(Conformance),

    /// Which real queries run, and what keeps the others from it
    Coverage(Coverage),

    /// Write the reference of the language, `docs/reference/`
    Docgen(Docgen),

    /// Bind the packages' rules with Microsoft's language service, with half of the tables missing
    Deployment(Deployment),
}

/// Whether to write a page.
#[derive(Args)]
struct Coverage {
    /// Write the page of the documentation there
    #[arg(long, value_name = "PATH")]
    page: Option<PathBuf>,
}

/// Where the language service is.
#[derive(Args)]
struct Deployment {
    /// The folder of the npm package `@kusto/language-service-next`
    #[arg(long, value_name = "DIR")]
    service: Option<PathBuf>,
}

/// Whether to write.
#[derive(Args)]
struct Docgen {
    /// Write nothing; name the pages that are not up to date
    #[arg(long)]
    check: bool,
}

/// Which measures to take; all of them if none is named.
#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "one flag for each measure")]
struct Conformance {
    /// Accept and reject what the language service's parser does, on real queries
    #[arg(long)]
    parse: bool,

    /// Accept, reject and name columns as the language service's binder does, on real queries
    #[arg(long)]
    bind: bool,

    /// Name and type columns as the engine does, on recorded queries
    #[arg(long = "conformance-schema")]
    schema: bool,

    /// Answer as the engine does, on recorded queries; with a table by feature
    #[arg(long)]
    answers: bool,
}

fn main() -> ExitCode {
    match Arguments::parse().chore {
        Chore::Conformance(wanted) => tell(conformance(&wanted)),
        Chore::Coverage(wanted) => tell(coverage(&wanted)),
        Chore::Docgen(docgen) => make_reference(&docgen),
        Chore::Deployment(wanted) => tell(deployment(&wanted)),
    }
}

/// What each measure found, and whether it reaches its bars.
type Measured = Vec<(String, bool)>;

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "this is the binary; it talks")]
fn tell(measured: Result<Measured, Box<dyn Error>>) -> ExitCode {
    match measured {
        Ok(measured) => {
            let is_met = measured.iter().all(|(_, is_met)| *is_met);
            let texts: Vec<_> = measured.into_iter().map(|(text, _)| text).collect();
            println!("{}", texts.join("\n").trim_end());
            ExitCode::from(u8::from(!is_met))
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn coverage(wanted: &Coverage) -> Result<Measured, Box<dyn Error>> {
    let found = measure::coverage::coverage(&real_queries()?)?;
    if let Some(path) = &wanted.page {
        std::fs::write(path, found.page())?;
    }
    Ok(vec![(found.to_string(), found.is_met())])
}

fn deployment(wanted: &Deployment) -> Result<Measured, Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let found = measure::deployment::deployment(&root, wanted.service.as_deref())?;
    Ok(vec![(found.to_string(), found.is_good())])
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "this is the binary; it talks")]
fn make_reference(wanted: &Docgen) -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    if wanted.check {
        let stale = docgen::stale(&root);
        for path in &stale {
            println!("{}: not up to date", path.display());
        }
        return ExitCode::from(u8::from(!stale.is_empty()));
    }
    match docgen::write(&root) {
        Ok(count) => {
            println!("{count} pages written");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn conformance(wanted: &Conformance) -> Result<Measured, Box<dyn Error>> {
    let all = !(wanted.parse || wanted.bind || wanted.schema || wanted.answers);
    let mut measured = Vec::new();
    let mut add = |report: &Report| measured.push((report.to_string(), report.is_met()));
    if all || wanted.parse {
        add(&language::parse(&real_queries()?));
    }
    if all || wanted.bind {
        add(&language::bind(&real_queries()?)?);
    }
    if all || wanted.schema {
        add(&language::schema(&recorded_queries()?));
    }
    if all || wanted.answers {
        let answers = answers::answers(&recorded_queries()?)?;
        measured.push((answers.to_string(), answers.report.is_met()));
    }
    Ok(measured)
}
