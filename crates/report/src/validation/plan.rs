//! The tests themselves: what each needs, how it is run, and how to clear up.

use std::io;

use detection::validation::LabTest;

use crate::WriteError;

/// Writes how tests are run; the placeholders stand as the plan has them.
///
/// # Errors
///
/// If the writer fails.
pub fn write<'a>(
    tests: impl IntoIterator<Item = &'a LabTest>,
    out: &mut dyn io::Write,
) -> Result<(), WriteError> {
    for test in tests {
        writeln!(out, "{}  {} ({})", test.id, test.name, test.technique)?;
        for needed in &test.prerequisites {
            writeln!(out, "  needs      {needed}")?;
        }
        for command in &test.run.commands {
            writeln!(out, "  on {:<6}  {command}", test.run.on.name())?;
        }
        if let Some(invoke) = &test.run.invoke {
            writeln!(out, "  or         {invoke}")?;
        }
        for command in &test.cleanup {
            writeln!(out, "  clean up   {command}")?;
        }
        if let Some(note) = &test.note {
            writeln!(out, "  note       {note}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}
