//! `quarry token`: who may ask a service.

use std::{io::Write, sync::Arc};

use arrow::array::Int64Array;
use clap::{Args, Subcommand, builder::PossibleValuesParser, builder::TypedValueParser as _};
use kql_types::KqlType;
use report::Format;
use service::{Role, Secret, Token, TokenError, TokenTable};
use state::State;

use super::LAKE;
use crate::{
    args::{lake::LakeArgs, state::StateArgs},
    clock,
    error::{CommandError, ErrorKind},
    exit::ExitStatus,
    ui::{Ui, listing},
};

/// Make and revoke the tokens by which a service lets clients in
///
/// As long as a service that listens on this machine only has no token, it lets everybody in. From the first
/// one on every client needs one, and it stays so when all are revoked. A service that runs knows of a change
/// within a second.
///
/// Clients send a token as `Authorization: Bearer TOKEN`, or as the password of any user, as Splunk's token or
/// as Elastic's API key.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  quarry token add anna --role read
  quarry token add winlogbeat --role ingest --lake /var/lib/quarry/lake
  quarry token list
  quarry token revoke anna

Exit status: 0 done, 2 usage or input error.")]
pub(crate) struct TokenArgs {
    #[command(subcommand)]
    task: Task,
}

/// What is done.
#[derive(Debug, Subcommand)]
enum Task {
    /// Make a token, and write it, this once: the service keeps only its hash
    Add(AddArgs),
    /// List the tokens that were made
    List(ListArgs),
    /// Have a token not be taken any more
    Revoke(RevokeArgs),
}

/// Which service.
#[derive(Debug, Args)]
struct OfService {
    /// The lake that it serves
    #[arg(long, value_name = "DIR|URL", default_value = LAKE)]
    lake: String,

    #[command(flatten)]
    state: StateArgs,
}

impl OfService {
    fn lake(&self) -> LakeArgs {
        LakeArgs { lake: Some(self.lake.clone()), as_of: None }
    }

    fn open(&self) -> Result<Option<State>, CommandError> {
        self.state.open(&self.lake())
    }
}

#[derive(Debug, Args)]
struct AddArgs {
    /// What to call it: who or what has it
    name: String,

    /// What its owner may do: ask questions, send telemetry, or all of it
    #[arg(long, value_name = "ROLE", value_parser = role())]
    role: Role,

    #[command(flatten)]
    of: OfService,
}

#[derive(Debug, Args)]
struct ListArgs {
    #[command(flatten)]
    of: OfService,

    /// How to write the list
    #[arg(long, default_value_t = Format::Table, value_name = "table|json|jsonl|csv")]
    format: Format,
}

#[derive(Debug, Args)]
struct RevokeArgs {
    /// What it is called
    name: String,

    #[command(flatten)]
    of: OfService,
}

fn role() -> impl clap::builder::TypedValueParser<Value = Role> {
    PossibleValuesParser::new(Role::ALL.map(Role::name)).try_map(|name| name.parse::<Role>())
}

pub(crate) fn run(args: &TokenArgs, ui: &Ui) -> Result<ExitStatus, CommandError> {
    match &args.task {
        Task::Add(args) => add(args, ui),
        Task::List(args) => list(args, ui),
        Task::Revoke(args) => {
            let is_revoked = match args.of.open()? {
                Some(state) => TokenTable(&state).revoke(&args.name, clock::now())?,
                None => false,
            };
            if !is_revoked {
                let error = CommandError::user(format!("no token is named `{}`", args.name));
                return Err(error.with_hint("`quarry token list` shows those that there are"));
            }
            ui.note(&format!("`{}` is not let in any more", args.name));
            Ok(ExitStatus::Nothing)
        }
    }
}

fn add(args: &AddArgs, ui: &Ui) -> Result<ExitStatus, CommandError> {
    if args.name.trim().is_empty() {
        return Err(CommandError::user("a token needs a name"));
    }
    let state = args.of.state.open_or_create(&args.of.lake())?;
    let secret = Secret::random().map_err(|error| CommandError::new(ErrorKind::System, error))?;
    TokenTable(&state).add(&args.name, args.role, &secret.hash(), clock::now())?;
    let mut stdout = ui.stdout();
    writeln!(stdout, "{}", secret.text())?;
    stdout.flush()?;
    ui.note("this is the only time that it is shown");
    Ok(ExitStatus::Nothing)
}

fn list(args: &ListArgs, ui: &Ui) -> Result<ExitStatus, CommandError> {
    let tokens = match args.of.open()? {
        Some(state) => TokenTable(&state).all()?,
        None => Vec::new(),
    };
    let texts = |of: fn(&Token) -> &str| listing::texts(tokens.iter().map(|it| of(it).to_owned()));
    let made: Int64Array = tokens.iter().map(|token| Some(token.made)).collect();
    let revoked: Int64Array = tokens.iter().map(|token| token.revoked).collect();
    let rows = listing::of(vec![
        ("Name", KqlType::String, texts(|token| &token.name)),
        ("Role", KqlType::String, texts(|token| token.role.name())),
        ("Made", KqlType::Datetime, Arc::new(made)),
        ("Revoked", KqlType::Datetime, Arc::new(revoked)),
    ]);
    listing::write(rows, args.format, ui)?;
    Ok(ExitStatus::Nothing)
}

impl From<TokenError> for CommandError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Exists(_) => Self::user(error),
            TokenError::State(error) => error.into(),
        }
    }
}
