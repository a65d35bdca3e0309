//! Pipelines: the parts of a plan that take rows as the pass reads them, so that nobody has to keep them.
//!
//! A plan is cut above operators that take all of their rows and give few, such as groups. What is below,
//! as far as it handles each row by itself, runs on a thread of its own beside the pass, which gives it rows
//! through a queue; what is above runs when all input has been read. So a count over a large file costs
//! no memory, and reading and counting go on at the same time.
//!
//! The pass is one for all leaves, and a pipeline takes whatever comes. That is why a join is none: it
//! would wait for one side while the rows of the other fill the queue.

mod cut;
mod feed;
mod outlets;
mod output;

pub(crate) use self::{
    cut::{Part, cut},
    feed::{FedTable, Feed, Feeder, feed},
    outlets::{Outlets, Turn},
    output::Made,
};
