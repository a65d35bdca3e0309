//! An invented company's events, made from a seed.
//!
//! Everything is made up; forms of events follow Microsoft's documentation. A record is meant by host and
//! record id. The routine of each host and day is in `routine`, what administrators and their tools
//! do in `administration`, what ordinary software does in `software`, and what the red team does on the middle day in
//! `attacks`.

mod administration;
mod attacks;
mod events;
mod random;
mod routine;
mod software;

use std::collections::BTreeSet;

use events::Writer;
use random::Random;

/// Seconds of a day.
const DAY: u64 = 86_400;

/// What was made.
pub(crate) struct Corpus {
    lines: Vec<(u64, String)>,
    /// How many hosts there are.
    pub(crate) hosts: usize,
    /// How many days it covers.
    pub(crate) days: u32,
    /// The planted attacks.
    pub(crate) planted: Vec<Planted>,
}

/// A planted attack.
pub(crate) struct Planted {
    /// What was done.
    pub(crate) name: &'static str,
    /// Its records, by host and record id.
    pub(crate) records: BTreeSet<(String, u64)>,
}

impl Corpus {
    /// Returns the events as JSON lines, in order of time.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for (_, line) in &self.lines {
            text.push_str(line);
            text.push('\n');
        }
        text
    }

    /// Returns how many events there are.
    pub(crate) fn events(&self) -> usize {
        self.lines.len()
    }
}

/// The hosts of the company by their parts.
pub(super) struct Company {
    pub(super) controllers: Vec<String>,
    pub(super) file_servers: Vec<String>,
    pub(super) cluster: Vec<String>,
    pub(super) workstations: Vec<String>,
    pub(super) users: Vec<String>,
    pub(super) administrators: Vec<String>,
}

/// Hosts that administration runs from.
pub(super) const DEPLOYMENT: &str = "srv-deploy";
pub(super) const BACKUP: &str = "srv-backup";
pub(super) const SCANNER: &str = "srv-scan";
pub(super) const JUMP: &str = "srv-jump";
pub(super) const PRINT: &str = "srv-print";
pub(super) const WEB: &str = "srv-web";

impl Company {
    fn new() -> Self {
        let numbered = |name: &str, count: usize| -> Vec<String> {
            (1..=count).map(|number| format!("{name}-{number:02}")).collect()
        };
        Self {
            controllers: numbered("dc", 3),
            file_servers: numbered("srv-files", 4),
            cluster: numbered("srv-node", 2),
            workstations: numbered("ws", 45),
            users: numbered("user", 60),
            administrators: ["adm-brandt", "adm-costa", "adm-lindqvist"].map(str::to_owned).into(),
        }
    }

    /// Returns every host.
    pub(super) fn hosts(&self) -> Vec<&str> {
        let named = [DEPLOYMENT, BACKUP, SCANNER, JUMP, PRINT, WEB];
        let numbered = [&self.controllers, &self.file_servers, &self.cluster, &self.workstations];
        named.into_iter().chain(numbered.into_iter().flatten().map(String::as_str)).collect()
    }

    /// Returns every server.
    pub(super) fn servers(&self) -> Vec<&str> {
        let is_server = |host: &&str| !host.starts_with("ws-");
        self.hosts().into_iter().filter(is_server).collect()
    }
}

/// Makes a corpus.
pub(crate) fn make(seed: u64, days: u32) -> Corpus {
    let company = Company::new();
    let mut random = Random::new(seed);
    let mut writer = Writer::new(&company.hosts());
    let mut planted = Vec::new();
    for day in 0..u64::from(days) {
        let begin = day.saturating_mul(DAY);
        let is_working_day = day.rem_euclid(7) < 5;
        routine::day(&company, begin, is_working_day, &mut random, &mut writer);
        administration::day(&company, day, begin, is_working_day, &mut random, &mut writer);
        software::day(&company, begin, is_working_day, &mut random, &mut writer);
        if day == u64::from(days) / 2 {
            planted = attacks::day(&company, begin, &mut random, &mut writer);
        }
    }
    let hosts = company.hosts().len();
    Corpus { lines: writer.into_lines(), hosts, days, planted }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_is_one_corpus_and_another_is_another() {
        let text = |seed| make(seed, 2).text();
        assert_eq!(text(1), text(1));
        assert_ne!(text(1), text(2));
    }

    #[test]
    fn attacks_are_planted_with_their_records() {
        let corpus = make(3, 3);
        assert!(corpus.planted.len() >= 30);
        assert!(corpus.planted.iter().all(|attack| !attack.records.is_empty()));
        let lines = corpus.text();
        let first = corpus.planted[0].records.first().unwrap();
        let id = format!("\"EventRecordID\":{}", first.1);
        assert!(lines.lines().any(|line| line.contains(&id) && line.contains(&first.0)));
    }
}
