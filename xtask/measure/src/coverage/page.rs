//! The page of the documentation that says which real queries run.

use super::{Coverage, Share};

impl Coverage {
    /// Returns the page `docs/coverage.md`.
    pub fn page(&self) -> String {
        let of_all = [("All", self.all), ("Over tables of endpoints only", self.endpoint)];
        let of_all = of_all.into_iter().map(|(what, share)| row(what, share));
        let collections = self.collections.iter();
        let of_collections = collections
            .map(|(name, share)| row(&format!("[{name}](https://github.com/{name})"), *share));
        let reasons = self.reasons.iter().map(|reason| {
            let message = reason.message.replace('|', "\\|");
            format!("| {} | {message} |\n", reason.all)
        });
        let parts = std::iter::once(START.to_owned())
            .chain(of_all)
            .chain([COLLECTIONS.to_owned()])
            .chain(of_collections)
            .chain([REASONS.to_owned()])
            .chain(reasons);
        parts.collect()
    }
}

fn row(what: &str, share: Share) -> String {
    let Share { running, of } = share;
    format!("| {what} | {running} of {of} | {} % |\n", share.percent())
}

const START: &str = "\
# Which queries run

<!-- Made by `cargo xtask coverage --page docs/coverage.md`. Change what it is made of, not this. -->

Queries that people have published for Sentinel and Defender, unchanged. Counted are those that Microsoft's language
service binds against the documented tables; a query runs if all of it has a plan. What is outside, such as watchlists,
files at addresses and databases of addresses, counts as given. The rest is refused before any data is read, each with
its reason: no part of a query is left out.

| queries | run | |
|---|---|---|
";

const COLLECTIONS: &str = "
## By collection

| collection | run | |
|---|---|---|
";

const REASONS: &str = "
## What is refused

A query may have several reasons.

| queries | reason |
|---|---|
";
