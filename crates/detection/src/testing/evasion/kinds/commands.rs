//! Forms of commands that mean the same.

use super::{super::record::Record, Kind};

/// Fields that hold the command of the process itself.
const OWN: [&str; 2] = ["CommandLine", "ProcessCommandLine"];

pub(super) const UPPER: Kind = Kind {
    name: "commands in capitals",
    what: "commands are written in capitals",
    apply: |records| change(records, str::to_uppercase),
};

pub(super) const BLANKS: Kind = Kind {
    name: "more blanks",
    what: "arguments have several blanks between them",
    apply: |records| change(records, |text| text.replace(' ', "   ")),
};

pub(super) const QUOTES: Kind = Kind {
    name: "quoted arguments",
    what: r"paths that begin with \\ stand in quotes",
    apply: |records| {
        change(records, |text| {
            if text.contains('"') || text.contains('\'') {
                return text.to_owned();
            }
            let quoted = |word: &str| {
                if word.starts_with(r"\\") { format!("\"{word}\"") } else { word.to_owned() }
            };
            text.split(' ').map(quoted).collect::<Vec<_>>().join(" ")
        });
    },
};

pub(super) const FULL_PATH: Kind = Kind {
    name: "programs by full path",
    what: "commands begin with the whole path of the program, in quotes",
    apply: |records| {
        for record in records.iter_mut().filter(|record| record.is_process()) {
            let image = record.text("Image") + &record.text("NewProcessName");
            let image = if image.is_empty() { record.text("FolderPath") } else { image };
            if image.is_empty() {
                continue;
            }
            record.change(&OWN, |text| match text.split_once(' ') {
                Some((program, rest)) if !program.contains(['\\', '"']) => {
                    format!("\"{image}\" {}", rest.trim_start())
                }
                _ => text.to_owned(),
            });
        }
    },
};

fn change(records: &mut [Record], form: impl Fn(&str) -> String) {
    for record in records.iter_mut().filter(|record| record.is_process()) {
        record.change(&OWN, &form);
    }
}
