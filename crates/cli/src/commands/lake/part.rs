//! Which part of the files one of several processes puts into a lake.

use std::{num::NonZeroUsize, str::FromStr, thread, time::Duration};

use clap::Args;
use lake::{Ingest, Ingested, LakeError, Observe, Offer, Turn, Turns};

use crate::{clock, error::CommandError};

/// Files that are taken at a time: fewer would have one lease and one commit each.
const PIECE: usize = 16;
/// How often those who have nothing to do look whether somebody has ended.
const LOOK: Duration = Duration::from_millis(500);

/// Which part of the files is put in.
#[derive(Debug, Args)]
pub(super) struct PartArgs {
    /// Put in each N-th file only, beginning with the K-th: of N processes each has its own K
    #[arg(long, value_name = "K/N", conflicts_with = "shared")]
    slice: Option<Slice>,

    /// Share the files with other processes that are given the same files and NAME, on any machine
    ///
    /// Each takes some files at a time, by a lease in the lake; what one has taken that ends before it is
    /// done, another one takes. All end when all files are in. Use a new NAME for each run: what is done
    /// under a NAME is not looked at again.
    #[arg(long, value_name = "NAME")]
    shared: Option<String>,

    /// Seconds after which others take what a process had that gives no sign of life
    #[arg(long, value_name = "SECONDS", default_value = "30", requires = "shared")]
    lease: NonZeroUsize,
}

/// One of several parts, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Slice {
    number: NonZeroUsize,
    of: NonZeroUsize,
}

impl FromStr for Slice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "expected a part and how many there are, such as `2/8`".to_owned();
        let (number, of) = text.split_once('/').ok_or_else(wrong)?;
        let number: NonZeroUsize = number.parse().map_err(|_| wrong())?;
        let of: NonZeroUsize = of.parse().map_err(|_| wrong())?;
        if number > of { Err(wrong()) } else { Ok(Self { number, of }) }
    }
}

impl PartArgs {
    /// Puts this process's part of the files into the lake.
    pub(super) fn ingest(
        &self,
        ingest: &Ingest<'_>,
        mut offers: Vec<Offer>,
        progress: &dyn Observe,
    ) -> Result<Ingested, CommandError> {
        if let Some(slice) = self.slice {
            offers = slice.of(offers);
        }
        let Some(name) = &self.shared else { return Ok(ingest.run(&offers, progress)?) };
        let pieces: Vec<&[Offer]> = offers.chunks(PIECE).collect();
        // Whoever has other files under the same name has another list.
        let list = offers.iter().fold(name.clone(), |list, offer| {
            let input = &offer.input;
            format!("{list}\n{}\t{}", engine::path_text(input.path()), input.stored_bytes())
        });
        let owner = format!("process {}", std::process::id());
        let term = Duration::from_secs(u64::try_from(self.lease.get()).unwrap_or(u64::MAX));
        let turns = Turns::new(ingest.lake, &list, pieces.len(), owner, term, &clock::now);
        let mut all = Ingested { is_whole: true, ..Ingested::default() };
        loop {
            match turns.next()? {
                Turn::Take(lease) => {
                    // Not an empty piece, which would count as done.
                    let piece = pieces.get(lease.piece).copied();
                    let invariant = "a lease is for one of the pieces of its list";
                    let piece = piece.ok_or(LakeError::Internal { invariant })?;
                    let fresh = turns.hold(&lease, || ingest.run(piece, progress))?;
                    add(&mut all, fresh);
                }
                Turn::Wait => thread::sleep(LOOK.min(term)),
                Turn::Done => return Ok(all),
            }
        }
    }
}

impl Slice {
    fn of(self, offers: Vec<Offer>) -> Vec<Offer> {
        let first = self.number.get().saturating_sub(1);
        offers.into_iter().skip(first).step_by(self.of.get()).collect()
    }
}

/// Adds what came in with a piece.
fn add(all: &mut Ingested, fresh: Ingested) {
    all.answers.extend(fresh.answers);
    all.rows.extend(fresh.rows);
    all.known.extend(fresh.known);
    all.problems.extend(fresh.problems);
    all.is_whole &= fresh.is_whole;
    for (table, rows) in fresh.tables {
        let sum = all.tables.entry(table).or_default();
        *sum = sum.saturating_add(rows);
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use engine::Input;

    use super::*;

    #[test]
    fn each_file_is_in_one_slice() {
        let offers = || -> Vec<Offer> {
            let input = |number: usize| Input::File(PathBuf::from(number.to_string()));
            (0..11).map(|number| Offer::from(input(number))).collect()
        };
        let of = |text: &str| -> Vec<String> {
            let slice: Slice = text.parse().unwrap();
            let path = |offer: &Offer| offer.input.path().display().to_string();
            slice.of(offers()).iter().map(path).collect()
        };
        assert_eq!(of("1/3"), ["0", "3", "6", "9"]);
        assert_eq!(of("3/3"), ["2", "5", "8"]);
        let mut all: Vec<String> = ["1/4", "2/4", "3/4", "4/4"].into_iter().flat_map(of).collect();
        all.sort_by_key(|name| name.parse::<usize>().unwrap());
        assert_eq!(all, of("1/1"));
        for wrong in ["0/3", "4/3", "1", "1/0", "a/b", "-1/2"] {
            assert!(wrong.parse::<Slice>().is_err(), "{wrong}");
        }
    }
}
