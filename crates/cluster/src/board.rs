//! Who reads which files: tasks that nobody has begun, those that are under way, and files that are done.
//!
//! Times are given, so that the board can be tested without waiting.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

/// How long a task is left alone with its worker before those who have nothing to do read its files too.
const PATIENCE: Duration = Duration::from_secs(4);
/// How much longer than the slowest task so far it may take before that.
const SLOWER: u32 = 3;
/// Tasks for each that may be under way: so many that who is done early can take from others.
const TASKS_PER_LANE: u64 = 4;
/// How often a file is tried.
const MOST_TRIES: u32 = 4;

/// The board.
#[derive(Debug)]
pub(crate) struct Board {
    pending: VecDeque<Vec<usize>>,
    running: BTreeMap<u64, Running>,
    next_id: u64,
    files: Vec<FileState>,
    left: usize,
    slowest: Duration,
}

#[derive(Clone, Copy, Debug, Default)]
struct FileState {
    is_done: bool,
    tries: u32,
}

#[derive(Debug)]
struct Running {
    worker: usize,
    files: Vec<usize>,
    since: Duration,
    /// Others read its files too, or it is one of those.
    has_backup: bool,
}

/// What a worker is to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Read these files.
    Read {
        /// The task's number.
        id: u64,
        /// The files, of which none is done.
        files: Vec<usize>,
        /// The worker who has had them for long.
        slow: Option<usize>,
    },
    /// Ask again.
    Wait,
    /// All is done.
    End,
}

impl Board {
    /// Cuts files into tasks, each of files that follow each other.
    ///
    /// - `sizes`: bytes of each file.
    /// - `lanes`: tasks that workers do at a time, all together.
    pub(crate) fn new(sizes: &[u64], lanes: usize) -> Self {
        let total: u64 = sizes.iter().fold(0, |all, size| all.saturating_add(*size));
        let parts = u64::try_from(lanes).unwrap_or(1).saturating_mul(TASKS_PER_LANE).max(1);
        let share = total.div_ceil(parts).max(1);
        let mut pending = VecDeque::new();
        let (mut task, mut bytes) = (Vec::new(), 0_u64);
        for (file, size) in sizes.iter().enumerate() {
            if !task.is_empty() && bytes.saturating_add(*size) > share {
                pending.push_back(std::mem::take(&mut task));
                bytes = 0;
            }
            task.push(file);
            bytes = bytes.saturating_add(*size);
        }
        if !task.is_empty() {
            pending.push_back(task);
        }
        Self {
            pending,
            running: BTreeMap::new(),
            next_id: 0,
            files: vec![FileState::default(); sizes.len()],
            left: sizes.len(),
            slowest: Duration::ZERO,
        }
    }

    /// Returns how many files are not done.
    pub(crate) fn left(&self) -> usize {
        self.left
    }

    /// Returns the tasks that nobody has begun.
    pub(crate) fn pending(&self) -> impl Iterator<Item = &[usize]> {
        self.pending.iter().map(Vec::as_slice)
    }

    /// Gives a worker what is to be done next.
    pub(crate) fn next(&mut self, worker: usize, now: Duration) -> Next {
        if self.left == 0 {
            return Next::End;
        }
        while let Some(task) = self.pending.pop_front() {
            let files = self.undone(&task);
            if !files.is_empty() {
                return self.begin(worker, files, now, None);
            }
        }
        let patience = PATIENCE.max(self.slowest.saturating_mul(SLOWER));
        let is_slow = |running: &&mut Running| {
            let took = now.saturating_sub(running.since);
            !running.has_backup && running.worker != worker && took >= patience
        };
        let Some(slow) = self.running.values_mut().find(is_slow) else { return Next::Wait };
        slow.has_backup = true;
        let (of, files) = (slow.worker, slow.files.clone());
        let files = self.undone(&files);
        if files.is_empty() { Next::Wait } else { self.begin(worker, files, now, Some(of)) }
    }

    /// Takes note that a file has been read; tells whether it is the first time.
    pub(crate) fn done(&mut self, file: usize) -> bool {
        let Some(state) = self.files.get_mut(file).filter(|state| !state.is_done) else {
            return false;
        };
        state.is_done = true;
        self.left = self.left.saturating_sub(1);
        true
    }

    /// Takes note that a task has been done.
    pub(crate) fn finished(&mut self, id: u64, now: Duration) {
        if let Some(task) = self.running.remove(&id) {
            self.slowest = self.slowest.max(now.saturating_sub(task.since));
        }
    }

    /// Takes note that a task broke off, and has others do what is left of it. Returns how many files that is.
    ///
    /// # Errors
    ///
    /// A file that has been tried often enough.
    pub(crate) fn failed(&mut self, id: u64) -> Result<usize, usize> {
        let Some(task) = self.running.remove(&id) else { return Ok(0) };
        let files = self.undone(&task.files);
        for file in &files {
            let Some(state) = self.files.get_mut(*file) else { continue };
            state.tries = state.tries.saturating_add(1);
            if state.tries >= MOST_TRIES {
                return Err(*file);
            }
        }
        let count = files.len();
        if count > 0 {
            // First, since those who take rows in their order wait for them.
            self.pending.push_front(files);
        }
        Ok(count)
    }

    fn begin(
        &mut self,
        worker: usize,
        files: Vec<usize>,
        since: Duration,
        slow: Option<usize>,
    ) -> Next {
        let id = self.next_id;
        self.next_id = id.saturating_add(1);
        let has_backup = slow.is_some();
        self.running.insert(id, Running { worker, files: files.clone(), since, has_backup });
        Next::Read { id, files, slow }
    }

    fn undone(&self, files: &[usize]) -> Vec<usize> {
        let is_undone = |file: &&usize| self.files.get(**file).is_some_and(|it| !it.is_done);
        files.iter().filter(is_undone).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn read(next: Next) -> (u64, Vec<usize>, Option<usize>) {
        match next {
            Next::Read { id, files, slow } => (id, files, slow),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn more_workers_have_smaller_tasks() {
        let largest = |lanes: usize| {
            let board = Board::new(&[10; 64], lanes);
            assert_eq!(board.pending().flatten().count(), 64);
            board.pending().map(<[usize]>::len).max().unwrap()
        };
        assert_eq!([1, 2, 4].map(largest), [16, 8, 4]);
    }

    #[test]
    fn a_file_larger_than_a_share_is_a_task() {
        let board = Board::new(&[1, 1_000, 1, 1], 1);
        let tasks: Vec<&[usize]> = board.pending().collect();
        assert_eq!(tasks, [&[0][..], &[1], &[2, 3]]);
    }

    #[test]
    fn what_a_lost_worker_has_not_read_is_read_by_others_first() {
        let mut board = Board::new(&[1; 8], 1);
        let (id, files, _) = read(board.next(0, at(0)));
        assert_eq!(files, [0, 1]);
        assert!(board.done(0));
        assert_eq!(board.failed(id), Ok(1));
        assert_eq!(read(board.next(1, at(0))).1, [1]);
    }

    #[test]
    fn a_file_is_not_tried_for_ever() {
        let mut board = Board::new(&[1], 1);
        for _ in 1..MOST_TRIES {
            let (id, _, _) = read(board.next(0, at(0)));
            assert_eq!(board.failed(id), Ok(1));
        }
        let (id, _, _) = read(board.next(0, at(0)));
        assert_eq!(board.failed(id), Err(0));
    }

    #[test]
    fn who_has_nothing_to_do_reads_what_a_slow_one_has() {
        let mut board = Board::new(&[1, 1], 1);
        let (slow, ..) = read(board.next(0, at(0)));
        let (other, ..) = read(board.next(1, at(0)));
        assert!(board.done(1));
        board.finished(other, at(1));
        assert_eq!(board.next(1, at(3)), Next::Wait);
        let (backup, files, of) = read(board.next(1, at(5)));
        assert_eq!((files, of), (vec![0], Some(0)));
        assert_eq!(board.next(2, at(9)), Next::Wait, "once");
        assert!(board.done(0));
        assert!(!board.done(0), "the slow one is too late");
        board.finished(backup, at(6));
        board.finished(slow, at(7));
        assert_eq!(board.next(0, at(7)), Next::End);
    }
}
