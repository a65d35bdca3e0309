//! Prints what `measure` measures; run as `cargo xtask conformance` and `coverage`.
//!
//! Exit status: 0 all bars are reached, 1 one is not, 2 the reference material cannot be read.

use std::{error::Error, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use measure::{Report, answers, language, real_queries, recorded_queries};

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
    Coverage,
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

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "this is the binary; it talks")]
fn main() -> ExitCode {
    match measured(&Arguments::parse().chore) {
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

/// Returns what each measure of a chore found, and whether it reaches its bars.
fn measured(chore: &Chore) -> Result<Vec<(String, bool)>, Box<dyn Error>> {
    match chore {
        Chore::Conformance(wanted) => conformance(wanted),
        Chore::Coverage => {
            let found = measure::coverage::coverage(&real_queries()?)?;
            Ok(vec![(found.to_string(), found.is_met())])
        }
    }
}

fn conformance(wanted: &Conformance) -> Result<Vec<(String, bool)>, Box<dyn Error>> {
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
