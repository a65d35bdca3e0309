//! Prints what `measure` measures; run as `cargo xtask conformance`.
//!
//! Exit status: 0 all bars are reached, 1 one is not, 2 the reference material cannot be read.

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use measure::{ReferenceError, Report, language, real_queries, recorded_queries};

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
}

/// Which measures to take; all of them if none is named.
#[derive(Args)]
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
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "this is the binary; it talks")]
fn main() -> ExitCode {
    let Chore::Conformance(wanted) = Arguments::parse().chore;
    match conformance(&wanted) {
        Ok(reports) => {
            let reports_met = reports.iter().all(Report::is_met);
            let texts: Vec<_> = reports.iter().map(ToString::to_string).collect();
            println!("{}", texts.join("\n").trim_end());
            ExitCode::from(u8::from(!reports_met))
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn conformance(wanted: &Conformance) -> Result<Vec<Report>, ReferenceError> {
    let all = !(wanted.parse || wanted.bind || wanted.schema);
    let mut reports = Vec::new();
    if all || wanted.parse {
        reports.push(language::parse(&real_queries()?));
    }
    if all || wanted.bind {
        reports.push(language::bind(&real_queries()?)?);
    }
    if all || wanted.schema {
        reports.push(language::schema(&recorded_queries()?));
    }
    Ok(reports)
}
