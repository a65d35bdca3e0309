//! What an access left on its target: shares, files, services, tasks, pipes, processes.

use std::collections::BTreeSet;

/// Names of what was touched, in order and each once.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Artefacts {
    /// Shares: `ADMIN$`, `C$`, `IPC$`
    pub shares: BTreeSet<String>,
    /// Files, by path where one is known
    pub files: BTreeSet<String>,
    /// Services installed or started
    pub services: BTreeSet<String>,
    /// Scheduled tasks
    pub tasks: BTreeSet<String>,
    /// Pipes opened: `svcctl`
    pub pipes: BTreeSet<String>,
    /// Processes started, by command line where one is known
    pub processes: BTreeSet<String>,
}

impl Artefacts {
    /// Takes over all that another has.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (mine, others) in [
            (&mut self.shares, &other.shares),
            (&mut self.files, &other.files),
            (&mut self.services, &other.services),
            (&mut self.tasks, &other.tasks),
            (&mut self.pipes, &other.pipes),
            (&mut self.processes, &other.processes),
        ] {
            mine.extend(others.iter().cloned());
        }
    }

    /// Returns the words by which traces of one action know each other: names of files without
    /// their path and ending, of services and of tasks, and the first part of a pipe's name.
    ///
    /// Words that many actions share, such as `cmd` or `svcctl`, say nothing and are left out.
    pub(crate) fn marks(&self) -> BTreeSet<String> {
        let files = self.files.iter().filter_map(|file| stem(file));
        let names = self.services.iter().chain(&self.tasks).filter_map(|name| stem(name));
        let pipes = self.pipes.iter().filter_map(|pipe| stem(pipe.split('-').next()?));
        let programs = self.processes.iter().flat_map(|line| words_of(line));
        let marks = files.chain(names).chain(pipes).chain(programs);
        marks.filter(|mark| mark.len() > 3 && !COMMON.contains(&mark.as_str())).collect()
    }
}

/// Programs of Windows and well-known pipes.
const COMMON: [&str; 25] = [
    "cmd",
    "powershell",
    "pwsh",
    "rundll32",
    "regsvr32",
    "mshta",
    "wscript",
    "cscript",
    "system32",
    "windows",
    "temp",
    "svcctl",
    "atsvc",
    "srvsvc",
    "wkssvc",
    "samr",
    "lsarpc",
    "winreg",
    "netlogon",
    "spoolss",
    "epmapper",
    "services",
    "conhost",
    "explorer",
    "msbuild",
];

/// Most of a command line that is searched for paths.
const MAX_SEARCHED: usize = 2_048;

fn stem(path: &str) -> Option<String> {
    let name = path.rsplit(['\\', '/']).next()?;
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    (!stem.is_empty()).then(|| stem.to_lowercase())
}

/// Returns the names of the files that a command line speaks of.
fn words_of(line: &str) -> impl Iterator<Item = String> {
    let end = line.char_indices().nth(MAX_SEARCHED).map_or(line.len(), |(at, _)| at);
    let line = line.get(..end).unwrap_or(line);
    let words = line.split(|char: char| char.is_whitespace() || "\"'<>|&;,=".contains(char));
    words.filter(|word| word.contains(['\\', '.', '_'])).filter_map(stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(items: &[&str]) -> BTreeSet<String> {
        items.iter().map(|item| (*item).to_owned()).collect()
    }

    #[test]
    fn traces_of_one_action_share_a_mark() {
        let file = Artefacts { files: set(&["PSEXESVC.exe"]), ..Artefacts::default() };
        let service = Artefacts { services: set(&["PSEXESVC"]), ..Artefacts::default() };
        let pipe = Artefacts { pipes: set(&["PSEXESVC-WEC01-956-stdin"]), ..Artefacts::default() };
        assert_eq!(file.marks(), service.marks());
        assert_eq!(file.marks(), pipe.marks());
        let line = r"cmd.exe /Q /c cd \ 1> \\127.0.0.1\ADMIN$\__1619425227.894209 2>&1";
        let process = Artefacts { processes: set(&[line]), ..Artefacts::default() };
        let output = Artefacts { files: set(&["__1619425227.894209"]), ..Artefacts::default() };
        assert_eq!(process.marks(), output.marks());
    }

    #[test]
    fn what_everyone_uses_is_no_mark() {
        let common = Artefacts {
            pipes: set(&["svcctl"]),
            files: set(&[r"C:\Windows\System32\cmd.exe"]),
            ..Artefacts::default()
        };
        assert!(common.marks().is_empty(), "{:?}", common.marks());
    }
}
