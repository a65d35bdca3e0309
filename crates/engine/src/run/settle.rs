//! Columns that only the data knows are asked for, before the queries that have them run.

use kql_bind::tree::Question;
use kql_types::Value;
use sources::Input;

use super::{Clock, Engine, value};
use crate::{
    error::EngineError,
    query::{
        compile::{Asking, CompiledQuery, questions_of},
        environment::Environment,
    },
    scan::progress::Progress,
};

/// Rounds in which calls may stand behind one another.
const MAX_ROUNDS: usize = 8;

impl Engine {
    /// Finds out, of an input, the columns that these queries have by its data alone; they are compiled
    /// with them from then on.
    ///
    /// Reads the input once for each round in which a query asks; not at all if none does. A query with
    /// errors asks nothing.
    ///
    /// # Errors
    ///
    /// Those of a run.
    pub fn settle_columns(
        &self,
        texts: &[&str],
        environment: &mut Environment,
        inputs: &[Input],
        clock: Clock,
        progress: &dyn Progress,
    ) -> Result<(), EngineError> {
        for _ in 0..MAX_ROUNDS {
            let asking = texts.iter().filter_map(|text| {
                let asking = questions_of(text, environment)?;
                Some((*text, asking))
            });
            let (texts, asking): (Vec<&str>, Vec<Asking>) = asking.unzip();
            if asking.is_empty() {
                break;
            }
            let queries: Vec<CompiledQuery> = asking.iter().map(|it| it.query.clone()).collect();
            let run = self.run_once(&queries, inputs, clock, progress)?;
            for (at, (text, asking)) in texts.into_iter().zip(asking).enumerate() {
                for (question, rows) in asking.questions.into_iter().zip(run.rows(at)?) {
                    let columns = rows.columns().to_vec();
                    let mut told: Vec<Vec<Value>> = Vec::new();
                    for batch in rows {
                        let batch = batch?;
                        for row in 0..batch.num_rows() {
                            let cells = columns.iter().zip(batch.columns());
                            told.push(cells.map(|(it, array)| value(array, it.ty, row)).collect());
                        }
                    }
                    environment.answers.add(text, question.site, Question::answer(&told));
                }
            }
        }
        Ok(())
    }
}
