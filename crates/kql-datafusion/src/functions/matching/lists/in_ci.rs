//! Equality with an item of a list, without regard to case: `in~`.
//!
//! Source: <https://learn.microsoft.com/kusto/query/in-operator>

use std::collections::HashSet;

use arrow::array::ArrayRef;
use datafusion_common::Result;

use super::super::{Args, Edge, Kernel, Manner, Needle, Returns, bools};

/// `in~`: argument 1 is a list of strings.
pub(crate) static IN_CI: Kernel = Kernel { name: "kql_in_ci", returns: Returns::Bool, eval: is_in };

fn is_in(args: &Args<'_>) -> Result<ArrayRef> {
    let texts = args.text(0)?;
    let lists = args.list(1)?;
    if let Some(items) = args.prepared(&[1], || Items::new(lists.strings(0)?))? {
        let mut buffer = String::new();
        return Ok(bools(args.rows(), |row| items.contains(texts.str(row), &mut buffer)));
    }
    let mut buffer = String::new();
    let is_in = (0..args.rows())
        .map(|row| Ok(Items::new(lists.strings(row)?)?.contains(texts.str(row), &mut buffer)));
    let is_in = is_in.collect::<Result<Vec<_>>>()?;
    Ok(bools(args.rows(), |row| is_in.get(row).copied().unwrap_or(false)))
}

/// The items of a list.
struct Items {
    /// Those of ASCII, in lower case.
    ascii: HashSet<String>,
    longest: usize,
    /// All of them, for text beyond ASCII.
    needles: Vec<Needle>,
}

impl Items {
    fn new(list: Vec<String>) -> Result<Self> {
        let manner = Manner { leading: Edge::Text, trailing: Edge::Text, ignores_case: true };
        let needles = list.iter().map(|item| Needle::new(item, manner));
        let needles = needles.collect::<Result<_>>()?;
        let ascii: HashSet<String> = list
            .into_iter()
            .filter(|item| item.is_ascii())
            .map(|item| item.to_ascii_lowercase())
            .collect();
        let longest = list_longest(&ascii);
        Ok(Self { ascii, longest, needles })
    }

    fn contains(&self, text: &str, buffer: &mut String) -> bool {
        if !text.is_ascii() {
            return self.needles.iter().any(|needle| needle.is_match(text));
        }
        // An item beyond ASCII may still fold to ASCII text: `\u{212a}` to `k`.
        if text.len() <= self.longest {
            buffer.clear();
            buffer.push_str(text);
            buffer.make_ascii_lowercase();
            if self.ascii.contains(buffer.as_str()) {
                return true;
            }
        }
        self.needles.len() > self.ascii.len()
            && self.needles.iter().any(|needle| needle.is_match(text))
    }
}

#[expect(clippy::iter_over_hash_type, reason = "a maximum does not depend on the order")]
fn list_longest(items: &HashSet<String>) -> usize {
    let mut longest = 0;
    for item in items {
        longest = longest.max(item.len());
    }
    longest
}
