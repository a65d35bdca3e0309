//! Pipelines: the parts of a plan that consume rows while the pass reads them, so that the rows are not
//! stored.
//!
//! A plan is cut above operators that consume all of their input and return little, such as aggregates. The
//! part below the cut, if it handles each row by itself, runs on its own thread beside the pass, which sends
//! it rows through a queue. The part above runs when all input has been read. So a count over a large file
//! needs no memory for rows, and reading and counting overlap.
//!
//! One pass serves all leaves, and a pipeline has to take whatever comes next. A join cannot be part of
//! one: it would wait for one side while the rows of the other fill the queue.

mod cut;
mod feed;
mod outlets;
mod output;

pub(crate) use self::{
    cut::{Part, cut},
    feed::{Feed, Feeder, fed_table, feed},
    outlets::{Outlets, Turn},
    output::Made,
};
