//! Arguments that name workers beside a lake.

use std::{io::Write, path::PathBuf, sync::Arc};

use clap::Args;
use cluster::{Cluster, Connect};
use engine::{Engine, Input, Settings, Split};
use lake::LakeAddress;
use serde_json::json;

use super::lake::LakeArgs;
use crate::{error::CommandError, ui::Ui, whole};

/// Returns the token that workers ask for, if there is one; not an argument, since others see those.
#[expect(clippy::disallowed_methods, reason = "the binary's own, read where it is needed")]
pub(crate) fn token() -> Option<String> {
    std::env::var("QUARRY_WORKER_TOKEN").ok().filter(|token| !token.is_empty())
}

/// The workers that read a lake.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct WorkersArgs {
    /// Have these workers read the lake: addresses of `quarry worker`, with commas between them
    ///
    /// The answer is the same, byte for byte. They have to be of the same version, and to see the lake under
    /// the same path or address. `QUARRY_WORKER_TOKEN` has the token that they ask for.
    #[arg(long, value_name = "URL,…", value_delimiter = ',', requires = "lake")]
    workers: Vec<String>,

    /// Trust workers for whose certificates these vouch, in PEM, as well
    #[arg(long, value_name = "FILE", requires = "workers")]
    workers_ca: Option<PathBuf>,

    /// Write what each worker did, task by task, as JSON: files, rows, bytes, time
    #[arg(long, value_name = "FILE", requires = "workers")]
    workers_stats: Option<PathBuf>,
}

/// Workers that have been greeted; none if none are named.
pub(crate) struct Connected {
    cluster: Option<Arc<Cluster>>,
    report: Option<PathBuf>,
}

impl WorkersArgs {
    /// Greets the workers, if any are named.
    pub(crate) fn connect(
        &self,
        lake: &LakeArgs,
        settings: &Settings,
        ui: &Ui,
    ) -> Result<Connected, CommandError> {
        let report = self.workers_stats.clone();
        let Some(lake) = lake.lake.as_ref().filter(|_| !self.workers.is_empty()) else {
            return Ok(Connected { cluster: None, report: None });
        };
        let authorities = self.workers_ca.as_ref().map(|path| {
            std::fs::read(path)
                .map_err(|error| CommandError::user(format!("{}: {error}", path.display())))
        });
        let ui = ui.clone();
        let cluster = Cluster::connect(Connect {
            workers: self.workers.clone(),
            token: token(),
            authorities: authorities.transpose()?,
            lake: LakeAddress::parse(lake)?,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            spill_folder: settings.spill_folder.clone(),
            tell: Box::new(move |text| ui.warning(text)),
        });
        let cluster = cluster.map_err(CommandError::user)?;
        Ok(Connected { cluster: Some(Arc::new(cluster)), report })
    }
}

impl Connected {
    /// Has the workers read for an engine.
    pub(crate) fn read_for(&self, engine: Engine) -> Engine {
        match &self.cluster {
            Some(cluster) => engine.with_workers(Arc::<Cluster>::clone(cluster)),
            None => engine,
        }
    }

    /// Writes what each worker did, where that is asked for.
    pub(crate) fn write_report(&self) -> Result<(), CommandError> {
        let Some((cluster, path)) = self.cluster.as_ref().zip(self.report.as_ref()) else {
            return Ok(());
        };
        whole::write(path, |out| {
            let tasks = json!({ "tasks": cluster.tasks() });
            serde_json::to_writer_pretty(&mut *out, &tasks).map_err(std::io::Error::from)?;
            out.write_all(b"\n")?;
            Ok(())
        })
    }

    /// Writes which part of a query workers do, and why the rest is done here.
    pub(crate) fn write_split(
        &self,
        split: &Split,
        inputs: &[Input],
        ui: &Ui,
    ) -> Result<(), CommandError> {
        let mut stdout = ui.stdout();
        let Some(cluster) = &self.cluster else { return Ok(()) };
        let workers: Vec<&str> = cluster.urls().collect();
        writeln!(stdout, "workers: {}", workers.join(", "))?;
        match split {
            Split::Here(why) => writeln!(stdout, "stage 1, read here: {why}")?,
            Split::Workers { leaves, bytes } => {
                let files = inputs.iter().filter_map(|input| match input {
                    Input::Kept(file) => Some(Arc::clone(file)),
                    _ => None,
                });
                let cut = cluster.cut(&files.collect::<Vec<_>>());
                let files: usize = cut.iter().map(|(files, _)| files).sum();
                let largest = cut.iter().map(|(_, rows)| *rows).max().unwrap_or_default();
                writeln!(
                    stdout,
                    "stage 1, on workers: {tasks} tasks of {files} files, the largest of {largest} rows; \
                     scan, filters and columns of {leaves} leaves, {bytes} bytes a task",
                    tasks = cut.len(),
                )?;
            }
        }
        writeln!(
            stdout,
            "stage 2, here: joins, groups, sorts and what follows, since their order is that of the \
             input\n"
        )?;
        stdout.flush()?;
        Ok(())
    }
}
