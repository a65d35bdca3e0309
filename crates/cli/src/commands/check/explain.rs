//! `quarry check --explain CODE`: the page of a code, offline.

use std::io::Write;

use engine::Environment;
use kql_syntax::Explanation;

use crate::{error::CommandError, exit::ExitStatus, ui::Ui};

/// Yields what every code means, in order.
pub(super) fn explanations() -> impl Iterator<Item = &'static Explanation> {
    let mut all: Vec<&Explanation> =
        engine::explanations().chain(rule_file::code::EXPLANATIONS).collect();
    all.sort_by_key(|explanation| explanation.code);
    all.into_iter()
}

/// Writes a code's page.
pub(super) fn explain(code: &str, ui: &Ui) -> Result<ExitStatus, CommandError> {
    let found = explanations().find(|explanation| is_code(explanation, code));
    let Some(Explanation { code, summary, text, example }) = found else {
        return Err(CommandError::user(format!("no diagnostic has the code `{code}`"))
            .with_hint("codes are written as diagnostics show them: `KQL0201`"));
    };
    let mut stdout = ui.stdout();
    writeln!(stdout, "{code}: {summary}\n\n{text}")?;
    if !example.is_empty() {
        writeln!(stdout, "\nExample:\n")?;
        for line in example.lines() {
            writeln!(stdout, "    {line}")?;
        }
        let environment = Environment::builtin(tables::Environment::Both).without_views();
        let said = engine::check(example, &environment).diagnostics;
        let said: Vec<_> = said.into_iter().filter(|it| it.code == *code).collect();
        write!(stdout, "\n{}", kql_syntax::render("example.kql", example, &said, false))?;
    }
    stdout.flush()?;
    Ok(ExitStatus::Nothing)
}

/// Tells whether a text names a code: `KQL0201`, or the number alone.
fn is_code(explanation: &Explanation, text: &str) -> bool {
    let number = text.trim_start_matches(|char: char| !char.is_ascii_digit());
    number.parse() == Ok(explanation.code.0)
}

#[cfg(test)]
mod tests {
    use engine::Environment;

    use super::explanations;

    #[test]
    fn codes_are_distinct() {
        let codes: Vec<_> = explanations().map(|explanation| explanation.code).collect();
        assert!(codes.windows(2).all(|pair| pair[0] < pair[1]), "{codes:?}");
    }

    #[test]
    fn examples_are_what_they_are_examples_of() {
        let environment = Environment::builtin(tables::Environment::Both).without_views();
        let mut wrong = Vec::new();
        for explanation in explanations().filter(|explanation| !explanation.example.is_empty()) {
            let said = match engine::compile(explanation.example, &environment, false) {
                Ok(compiled) => compiled.warnings,
                Err(diagnostics) => diagnostics,
            };
            if said.iter().all(|it| it.code != explanation.code) {
                wrong.push((explanation.code, explanation.example, said));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
