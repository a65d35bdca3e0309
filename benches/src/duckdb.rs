//! A DuckDB to ask the same questions.
//!
//! It runs in a Python of its own, `python3` with the package `duckdb`, that is kept waiting between
//! questions: what is timed is the query.

use std::{
    error::Error,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

/// Answers each line of SQL with one line: how many rows there are.
const PROGRAM: &str = "\
import duckdb, sys
db = duckdb.connect()
db.execute('SET enable_progress_bar = false')
for line in sys.stdin:
    answer = db.execute(line)
    print(len(answer.fetchall()) if answer.description else 0, flush=True)
";

/// A DuckDB that waits for queries.
pub struct DuckDb {
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl DuckDb {
    /// Starts it.
    ///
    /// # Errors
    ///
    /// If there is no `python3`, or it has no `duckdb`.
    pub fn start() -> Result<Self, Box<dyn Error>> {
        let mut process = Command::new("python3")
            .args(["-c", PROGRAM])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let questions = process.stdin.take().ok_or("no way to ask DuckDB")?;
        let answers = BufReader::new(process.stdout.take().ok_or("no way to hear DuckDB")?);
        let mut this = Self { process, questions, answers };
        this.ask("SELECT 1").map_err(|_| "DuckDB does not answer: `pip install duckdb`")?;
        Ok(this)
    }

    /// Returns the number of rows that a query has.
    ///
    /// # Errors
    ///
    /// If it has no answer; Python has said why.
    pub fn ask(&mut self, sql: &str) -> Result<u64, Box<dyn Error>> {
        writeln!(self.questions, "{}", sql.replace('\n', " "))?;
        self.questions.flush()?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        Ok(answer.trim().parse()?)
    }
}

impl Drop for DuckDb {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.process.kill());
    }
}
