//! One run of workers over files: who has which task, what each sends, and what happens when one breaks off.

use std::{
    cell::{Cell, RefCell},
    io::{Read, Seek, Write},
    sync::{Arc, PoisonError},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use engine::{FileRead, Taker, WorkersError};
use futures::future::{join_all, select};
use prost::Message;
use sources::kept::KeptFile;
use tempfile::SpooledTempFile;
use tokio::{
    sync::Notify,
    time::{Instant, sleep, timeout},
};

use super::{Cluster, TaskReport, greeting, sizes};
use crate::{
    board::{Board, Next},
    protocol::{End, File, Frame, Said, TASKS, Task, unpacked},
    worker::told,
};

/// Bytes of a file's rows that are kept in memory; more go to a temporary file.
const SPOOLED_BYTES: usize = 4 << 20;
/// How often it is looked whether anybody still waits.
const LOOK: Duration = Duration::from_millis(100);
/// How often a worker may break off before it is left out.
const MOST_STRIKES: u32 = 2;
/// How long a worker may be silent: six of its beats.
const SILENCE: Duration = Duration::from_secs(3);
/// One run of workers over files. All of it is on one thread.
pub(super) struct Reading<'a> {
    cluster: &'a Cluster,
    leaves: Bytes,
    files: &'a [Arc<KeptFile>],
    described: Vec<File>,
    taker: &'a dyn Taker,
    board: RefCell<Board>,
    /// Why workers have been left out, by worker.
    out: Vec<RefCell<Option<String>>>,
    strikes: Vec<Cell<u32>>,
    failure: RefCell<Option<String>>,
    changed: Notify,
    begun: Instant,
}

/// Why a task broke off.
enum Broken {
    /// The worker is gone, or does not speak as it should. It may be there again.
    Worker(String),
    /// The worker hangs, or says that it cannot.
    Refused(String),
    /// This machine cannot take what it sends.
    Here(String),
}

impl<'a> Reading<'a> {
    pub(super) fn new(
        cluster: &'a Cluster,
        leaves: &[u8],
        files: &'a [Arc<KeptFile>],
        described: Vec<File>,
        taker: &'a dyn Taker,
    ) -> Self {
        Self {
            cluster,
            leaves: Bytes::copy_from_slice(leaves),
            files,
            described,
            taker,
            board: RefCell::new(Board::new(&sizes(files), cluster.lanes())),
            out: cluster.workers.iter().map(|_| RefCell::new(None)).collect(),
            strikes: cluster.workers.iter().map(|_| Cell::new(0)).collect(),
            failure: RefCell::new(None),
            changed: Notify::new(),
            begun: Instant::now(),
        }
    }

    pub(super) async fn run(&self) -> Result<(), WorkersError> {
        let lanes = self.cluster.workers.iter().enumerate().flat_map(|(at, worker)| {
            std::iter::repeat_n(at, worker.threads).map(|at| self.lane(at))
        });
        let all = Box::pin(join_all(lanes));
        let overseer = Box::pin(async {
            while !self.is_over() {
                sleep(LOOK).await;
            }
        });
        // What is under way when nobody waits any more is dropped, and with it its connection: the worker
        // sees that within a beat, and stops.
        drop(select(all, overseer).await);
        if let Some(what) = self.failure.borrow_mut().take() {
            return Err(WorkersError(what));
        }
        if self.taker.is_over() || self.board.borrow().left() == 0 {
            return Ok(());
        }
        let workers = self.cluster.workers.iter().zip(&self.out);
        let reasons = workers.map(|(worker, why)| {
            let why = why.borrow();
            format!("{}: {}", worker.url, why.as_deref().unwrap_or("it ended early"))
        });
        let reasons: Vec<String> = reasons.collect();
        Err(WorkersError(format!("no worker is left: {}", reasons.join("; "))))
    }

    fn is_over(&self) -> bool {
        self.failure.borrow().is_some() || self.board.borrow().left() == 0 || self.taker.is_over()
    }

    fn now(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Has a worker do one task after the other.
    async fn lane(&self, worker: usize) {
        loop {
            if self.is_over() || self.out.get(worker).is_none_or(|why| why.borrow().is_some()) {
                return;
            }
            let next = self.board.borrow_mut().next(worker, self.now());
            match next {
                Next::End => return,
                Next::Wait => {
                    let _ = timeout(LOOK.saturating_mul(2), self.changed.notified()).await;
                }
                Next::Read { id, files, slow } => {
                    if let Some(slow) = slow.and_then(|slow| self.cluster.workers.get(slow)) {
                        let text = format!(
                            "the worker {} is slow: {} of its files are read by another one, too",
                            slow.url,
                            files.len()
                        );
                        (self.cluster.tell)(&text);
                    }
                    match self.task(worker, &files).await {
                        Ok(()) => self.board.borrow_mut().finished(id, self.now()),
                        Err(broken) => self.broken(worker, id, broken).await,
                    }
                    self.changed.notify_waiters();
                }
            }
        }
    }

    /// Takes note that a task broke off, and leaves the worker out if it is to blame.
    async fn broken(&self, worker: usize, id: u64, broken: Broken) {
        let outcome = self.board.borrow_mut().failed(id);
        let Some(((reached, strikes), out)) = self
            .cluster
            .workers
            .get(worker)
            .zip(self.strikes.get(worker))
            .zip(self.out.get(worker))
        else {
            return;
        };
        let (why, is_out) = match broken {
            Broken::Here(why) => {
                *self.failure.borrow_mut() = Some(why);
                return;
            }
            Broken::Refused(why) => (why, true),
            Broken::Worker(why) => {
                strikes.set(strikes.get().saturating_add(1));
                let is_there = strikes.get() < MOST_STRIKES
                    && greeting(&self.cluster.client, &reached.url, LOOK.saturating_mul(10))
                        .await
                        .is_ok();
                (why, !is_there)
            }
        };
        match outcome {
            Err(file) => {
                let file = self.files.get(file).map(|file| file.path.display().to_string());
                let file = file.unwrap_or_default();
                let text = format!(
                    "{file}: no worker can read it; the last one was {}: {why}",
                    reached.url
                );
                *self.failure.borrow_mut() = Some(text);
            }
            Ok(_) if is_out => {
                // Of its tasks, the first one to break off says so.
                if out.borrow_mut().replace(why.clone()).is_none() {
                    let url = &reached.url;
                    (self.cluster.tell)(&format!(
                        "the worker {url} is left out: {why}; what it had is read by others"
                    ));
                }
            }
            Ok(files) => {
                let url = &reached.url;
                (self.cluster.tell)(&format!(
                    "the worker {url} broke off: {why}; {files} files are read again"
                ));
            }
        }
    }

    /// Has a worker read files, and hands over each that comes whole.
    async fn task(&self, worker: usize, files: &[usize]) -> Result<(), Broken> {
        let Some(reached) = self.cluster.workers.get(worker) else { return Ok(()) };
        let began = self.now();
        let mut report = TaskReport {
            worker: reached.url.clone(),
            files: 0,
            rows_read: 0,
            rows_sent: 0,
            bytes_sent: 0,
            milliseconds: 0,
        };
        let mut answer = self.send(&reached.url, files).await?;
        let mut come = BytesMut::new();
        let mut expected = files.iter();
        let (mut rows, mut come_of_file) = (self.spool(), 0_u64);
        loop {
            let frame = loop {
                if let Some(frame) = Frame::take(&mut come).map_err(Broken::Worker)? {
                    break frame;
                }
                match timeout(SILENCE, answer.chunk()).await {
                    Ok(Ok(Some(bytes))) => come.extend_from_slice(&bytes),
                    Ok(Ok(None)) => {
                        return Err(Broken::Worker("it ended in the middle of a task".to_owned()));
                    }
                    Ok(Err(error)) => return Err(Broken::Worker(told(&error))),
                    Err(_) => return Err(Broken::Refused(silent())),
                }
            };
            match frame.said {
                None => {}
                Some(Said::Rows(bytes)) => {
                    let len = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                    come_of_file = come_of_file.saturating_add(len);
                    let bytes = unpacked(&bytes).map_err(Broken::Worker)?;
                    rows.write_all(&bytes).map_err(|error| self.cannot_spool(&error))?;
                }
                Some(Said::End(end)) => {
                    let wrong = || Broken::Worker("it has read more than it was to".to_owned());
                    let file = *expected.next().ok_or_else(wrong)?;
                    let whole = std::mem::replace(&mut rows, self.spool());
                    if std::mem::take(&mut come_of_file) != end.bytes {
                        return Err(Broken::Worker("it has sent less than it says".to_owned()));
                    }
                    self.end_of_file(file, whole, end)?;
                    let read = self.files.get(file).map_or(0, |file| file.rows);
                    report.files = report.files.saturating_add(1);
                    report.rows_read = report.rows_read.saturating_add(read);
                    report.rows_sent = report.rows_sent.saturating_add(end.rows);
                    report.bytes_sent = report.bytes_sent.saturating_add(end.bytes);
                }
                Some(Said::Failed(why)) => return Err(Broken::Refused(why)),
                Some(Said::Done(count)) => {
                    if expected.next().is_some() || count != report.files {
                        return Err(Broken::Worker("it has read less than it was to".to_owned()));
                    }
                    let took = self.now().saturating_sub(began).as_millis();
                    report.milliseconds = u64::try_from(took).unwrap_or(u64::MAX);
                    let mut tasks =
                        self.cluster.tasks.lock().unwrap_or_else(PoisonError::into_inner);
                    tasks.push(report);
                    return Ok(());
                }
            }
        }
    }

    /// Hands over a file that a worker has read, unless another one has been faster.
    fn end_of_file(&self, file: usize, mut rows: SpooledTempFile, end: End) -> Result<(), Broken> {
        if !self.board.borrow_mut().done(file) {
            return Ok(());
        }
        let read = if end.is_whole {
            rows.rewind().map_err(|error| self.cannot_spool(&error))?;
            FileRead::Rows(Box::new(rows) as Box<dyn Read + Send>)
        } else {
            FileRead::NotWhole
        };
        self.taker.take(file, read);
        Ok(())
    }

    async fn send(&self, url: &str, files: &[usize]) -> Result<reqwest::Response, Broken> {
        let first = files.first().and_then(|file| self.files.get(*file));
        let members = first.map(|file| Arc::clone(&file.members)).unwrap_or_default();
        let task = Task {
            leaves: self.leaves.clone(),
            lake: self.cluster.lake.absolute(),
            members: members.all().iter().map(|member| member.source).collect(),
            is_selection: members.is_selection,
            files: files.iter().filter_map(|file| self.described.get(*file).cloned()).collect(),
        };
        let sent = self.cluster.client.post(format!("{url}{TASKS}")).body(task.encode_to_vec());
        let answer = match timeout(SILENCE, sent.send()).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => return Err(Broken::Worker(told(&error.without_url()))),
            Err(_) => return Err(Broken::Refused(silent())),
        };
        if answer.status().is_success() {
            return Ok(answer);
        }
        let status = answer.status();
        let why = timeout(SILENCE, answer.text()).await.ok().and_then(Result::ok);
        Err(Broken::Refused(format!("{status}: {}", why.unwrap_or_default().trim())))
    }

    fn spool(&self) -> SpooledTempFile {
        tempfile::spooled_tempfile_in(SPOOLED_BYTES, &self.cluster.spill_folder)
    }

    fn cannot_spool(&self, error: &std::io::Error) -> Broken {
        let folder = self.cluster.spill_folder.display();
        Broken::Here(format!("{folder}: what workers have read cannot be kept: {error}"))
    }
}

fn silent() -> String {
    format!("it has said nothing for {} s", SILENCE.as_secs())
}
