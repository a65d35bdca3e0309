//! One file of kept rows from its footer to its last row.

use std::{ops::ControlFlow, sync::Arc};

use arrow_array::RecordBatch;

use super::{
    events::Events,
    plan::{OpenFile, Wanted, rows},
    rows::Rows,
};
use crate::input::kept::{KeptFile, KeptMembers};
use crate::{
    ordered::in_order,
    problem::Reason,
    request::EVENTS,
    scan::Scan,
    sink::{Examine, Found, Origin},
};

/// The name of the format.
const NAME: &str = "lake";

/// A row group, and the request that may have rows of it.
#[derive(Clone)]
struct Job {
    request: usize,
    wanted: Arc<dyn Wanted>,
    group: usize,
}

/// What a row group gave.
struct Yield {
    request: usize,
    batches: Vec<(RecordBatch, Found)>,
    strangers: u64,
    outcome: Result<(), Reason>,
}

/// Reads what the scan's request wants of a file.
///
/// There is no account of its rows: each is of a file that has its own.
pub(crate) fn read(file: &KeptFile, scan: &mut Scan<'_>) {
    let stored = file.stored_bytes();
    let outcome = jobs(file, scan).and_then(|(open, jobs)| match open {
        Some(open) => read_jobs(file, &open, jobs, scan),
        None => Ok(()),
    });
    if let Err(reason) = outcome {
        scan.problem(None, None, reason);
    }
    scan.add_stored(stored);
}

/// Returns what is to be read; no file if that is nothing.
fn jobs(file: &KeptFile, scan: &Scan<'_>) -> Result<(Option<OpenFile>, Vec<Job>), Reason> {
    let request = scan.request;
    let table = request.tables.get(&file.table);
    let is_wanted = if file.table == EVENTS {
        request.events.iter().any(|request| Events::are_in(request, file))
    } else {
        table.is_some_and(|request| Rows::are_in(request, file))
    };
    if !is_wanted {
        return Ok((None, Vec::new()));
    }
    let open = OpenFile::new(file.open().map_err(Reason::of_io)?).map_err(Reason::Parquet)?;
    let wanted: Vec<(usize, Arc<dyn Wanted>)> = if file.table == EVENTS {
        let requests = request.events.iter().enumerate();
        let requests = requests.filter(|(_, request)| Events::are_in(request, file));
        let events = |(at, request)| (at, Arc::new(Events::new(request, &open)) as Arc<dyn Wanted>);
        requests.map(events).collect()
    } else {
        let rows = |request| (0, Arc::new(Rows::new(request, file)) as Arc<dyn Wanted>);
        table.into_iter().map(rows).collect()
    };
    let mut jobs = Vec::new();
    for (request, wanted) in wanted {
        let groups = (0..open.groups()).filter(|group| open.may_pass(*group, &*wanted));
        jobs.extend(groups.map(|group| Job { request, wanted: Arc::clone(&wanted), group }));
    }
    Ok((Some(open), jobs))
}

fn read_jobs(
    file: &KeptFile,
    open: &OpenFile,
    jobs: Vec<Job>,
    scan: &mut Scan<'_>,
) -> Result<(), Reason> {
    let threads = scan.request.limits.threads.get().min(jobs.len());
    let (examiner, table, members) = (scan.examiner, file.table.as_str(), &*file.members);
    let start = || move |job: Job| read_job(open, &job, members, table, examiner);
    let mut strangers: u64 = 0;
    let mut outcome = Ok(());
    let mut take = |yielded: Yield| {
        strangers = strangers.saturating_add(yielded.strangers);
        let origin = Origin {
            file: file.path.clone(),
            member: None,
            format: NAME,
            table: file.table.clone(),
            request: yielded.request,
        };
        for (batch, found) in yielded.batches {
            scan.tell_progress();
            scan.examined(&origin, batch, found)?;
        }
        match yielded.outcome {
            Ok(()) => ControlFlow::Continue(()),
            Err(reason) => {
                outcome = Err(reason);
                ControlFlow::Break(())
            }
        }
    };
    // The scan knows of a break if it was the sink's.
    let _ = if threads > 1 {
        in_order(jobs.into_iter(), vec![start; threads], take)
    } else {
        jobs.into_iter().map(start()).try_for_each(&mut take)
    };
    outcome?;
    if strangers > 0 && !file.members.is_selection {
        return Err(Reason::Strangers { rows: strangers });
    }
    Ok(())
}

fn read_job(
    open: &OpenFile,
    job: &Job,
    members: &KeptMembers,
    table: &str,
    examiner: Option<&dyn Examine>,
) -> Yield {
    let Job { request, wanted, group } = job;
    let mut yielded =
        Yield { request: *request, batches: Vec::new(), strangers: 0, outcome: Ok(()) };
    yielded.outcome = open.read(*group, wanted).map_err(Reason::Parquet).and_then(|reader| {
        for batch in reader {
            let (rows, strangers) = rows(&batch?, &**wanted, members)?;
            yielded.strangers = yielded.strangers.saturating_add(strangers);
            if rows.num_rows() > 0 {
                yielded.batches.extend(match examiner {
                    Some(examiner) => examiner.examine(table, *request, rows),
                    None => Some((rows, None)),
                });
            }
        }
        Ok(())
    });
    yielded
}
