//! `quarry lsp`: a language server for editors.

use clap::Args;
use engine::Environment;
use kql_syntax::Severity;

use crate::{
    error::{CommandError, ErrorKind},
    exit::ExitStatus,
    project::{ProjectArgs, load_project},
    ui::Ui,
};

/// Serve an editor on stdin and stdout, over the Language Server Protocol
///
/// Completion, hover, signatures, diagnostics, definitions, renaming and layout, in `.kql` files and in the
/// query of a rule's YAML or JSON. Editors start it; `docs/editors.md` says how.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  quarry lsp
  quarry lsp --schema our-tables.json")]
pub(crate) struct LspArgs {
    #[command(flatten)]
    project: ProjectArgs,

    /// What editors say to name the channel; there is no other
    #[arg(long, hide = true)]
    stdio: bool,
}

pub(crate) fn run(args: &LspArgs, ui: &Ui) -> Result<ExitStatus, CommandError> {
    let LspArgs { project, stdio: _ } = args;
    let builtin = Environment::builtin(tables::Environment::Both);
    let runnable = load_project(builtin, project)?.environment;
    // Views are needed to say what runs; a query's names and types do not depend on them.
    let catalog = runnable.clone().without_views();
    let refusals = |query: &str| match engine::compile(query, &runnable, false) {
        Ok(_) => Vec::new(),
        Err(mut found) => {
            found.retain(|it| it.severity == Severity::Error);
            found
        }
    };
    ui.note("waiting for an editor on stdin");
    lsp::serve_stdio(&lsp::Workspace { catalog: &catalog, refusals: &refusals })
        .map_err(|error| CommandError::new(ErrorKind::System, error))?;
    Ok(ExitStatus::Nothing)
}
