//! A file: a JSON object a line.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use super::{Sink, SinkError, alert::AlertBody};
use crate::delivery::Delivery;

/// Bytes of an alert, at most: what is read of a file to find its last line.
const MOST_LINE: u64 = 64 << 20;

/// Appends alerts to a file, each once: a line that was not finished is taken back, and one that is there is not
/// written again.
#[derive(Debug)]
pub struct FileSink {
    name: String,
    path: PathBuf,
    open: Mutex<Option<Open>>,
}

#[derive(Debug)]
struct Open {
    file: File,
    /// The last line, which may have been written without anybody knowing.
    last: String,
}

impl FileSink {
    /// Makes the sink of a file, which is made when the first alert comes.
    pub fn new(path: PathBuf) -> Self {
        let name = format!("file:{}", path.display());
        Self { name, path, open: Mutex::new(None) }
    }

    fn open(&self) -> io::Result<Open> {
        let mut options = OpenOptions::new();
        let mut file = options.create(true).read(true).append(true).open(&self.path)?;
        let mut text = Vec::new();
        let from = file.metadata()?.len().saturating_sub(MOST_LINE);
        file.seek(SeekFrom::Start(from))?;
        file.read_to_end(&mut text)?;
        let whole =
            text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at.saturating_add(1));
        if whole == 0 && from > 0 {
            return Err(io::Error::other("its last line is not one of alerts"));
        }
        let whole_of_file = u64::try_from(whole).map_err(io::Error::other)?.saturating_add(from);
        file.set_len(whole_of_file)?;
        let lines = text.get(..whole).unwrap_or_default();
        let last = lines.split(|byte| *byte == b'\n').rfind(|line| !line.is_empty());
        let last = String::from_utf8_lossy(last.unwrap_or_default()).into_owned();
        Ok(Open { file, last })
    }

    fn append(&self, line: &str) -> io::Result<()> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let mut to = match open.take() {
            Some(open) => open,
            None => self.open()?,
        };
        if to.last != line {
            to.file.write_all(format!("{line}\n").as_bytes())?;
            to.file.sync_data()?;
            line.clone_into(&mut to.last);
        }
        // After an error it is opened anew, which takes back what was not finished.
        *open = Some(to);
        Ok(())
    }
}

impl Sink for FileSink {
    fn name(&self) -> &str {
        &self.name
    }

    fn deliver(&self, delivery: &Delivery) -> Result<(), SinkError> {
        let body = AlertBody::read(&delivery.body)?;
        self.append(body.alert.get()).map_err(SinkError::new)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn delivery(alert: &str) -> Delivery {
        let body = AlertBody::written(alert, "{}");
        Delivery {
            number: 1,
            sink: "file".to_owned(),
            identity: alert.to_owned(),
            body,
            created: 0,
            tries: 0,
            next_try: 0,
            error: None,
            delivered: None,
        }
    }

    #[test]
    fn a_line_is_there_once_and_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("alerts.jsonl");
        FileSink::new(path.clone()).deliver(&delivery("{\"a\":1}")).unwrap();
        // The process ended in the middle of the next line.
        fs::write(&path, "{\"a\":1}\n{\"a\":").unwrap();
        let sink = FileSink::new(path.clone());
        sink.deliver(&delivery("{\"a\":1}")).unwrap();
        sink.deliver(&delivery("{\"a\":2}")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "{\"a\":1}\n{\"a\":2}\n");
    }
}
