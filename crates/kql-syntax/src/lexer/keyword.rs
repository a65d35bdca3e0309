//! The words that mean something to the parser, and which of them may still be names.

mod table;

use self::table::{DASHED, KEYWORDS};
use crate::ast::MatchOp;

/// A word with a meaning of its own.
///
/// Legacy spellings share the variant of their current one: `order` is [`Keyword::Sort`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is named after the word it stands for")]
pub enum Keyword {
    // Expressions
    And,
    Or,
    /// `has`, `in~`, `!contains`, …
    Match(MatchOp),
    Between,
    NotBetween,
    Null,
    True,
    False,
    TypeOf,
    Datatable,
    ExternalData,
    ContextualTable,
    InlineExternalTable,
    Materialize,
    MaterializedViewCombine,
    ToScalar,
    ToTable,
    EntityGroup,
    Dynamic,
    /// A type that columns may be declared with.
    Type,
    /// A type of the management language; columns may not be declared with it.
    LegacyType,
    // Clauses
    As,
    Asc,
    Bin,
    By,
    DataScope,
    Default,
    Desc,
    Edges,
    FindProjectAway,
    First,
    From,
    GrannyAsc,
    GrannyDesc,
    Id,
    Kind,
    Last,
    Nodes,
    Nulls,
    Of,
    On,
    Optional,
    Others,
    Output,
    Pack,
    PartitionedBy,
    ProjectSmart,
    Regex,
    Step,
    To,
    With,
    WithNodeId,
    WithSource,
    // Statements
    Access,
    Alias,
    Database,
    Declare,
    Let,
    Pattern,
    QueryParameters,
    Restrict,
    Set,
    View,
    // Operators
    AssertSchema,
    Consume,
    Count,
    Distinct,
    Evaluate,
    ExecuteAndCache,
    Extend,
    Facet,
    Filter,
    Find,
    Fork,
    GetSchema,
    GraphMarkComponents,
    GraphMatch,
    GraphShortestPaths,
    GraphToTable,
    GraphWhereEdges,
    GraphWhereNodes,
    Invoke,
    Join,
    Limit,
    Lookup,
    MacroExpand,
    MakeGraph,
    MakeSeries,
    MvApply,
    MvExpand,
    Parse,
    ParseKv,
    ParseWhere,
    Partition,
    PartitionBy,
    Print,
    Project,
    ProjectAway,
    ProjectByNames,
    ProjectKeep,
    ProjectRename,
    ProjectReorder,
    Range,
    Reduce,
    Render,
    Sample,
    SampleDistinct,
    Scan,
    Search,
    Serialize,
    Sort,
    Summarize,
    Take,
    Top,
    TopHitters,
    TopNested,
    Union,
    Where,
    /// A word that only the management language uses, and that is yet no name.
    Reserved,
}

/// Where a keyword may stand for a name without brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// Everywhere.
    Free,
    /// Where a name is given: before `=`, in a schema, in a wildcard.
    Declared,
    /// Where a column or table is referred to.
    Referred,
    /// Nowhere.
    Reserved,
}

impl Keyword {
    /// Returns whether it starts a tabular operator.
    pub const fn is_operator(self) -> bool {
        use Keyword as K;
        matches!(
            self,
            K::As
                | K::AssertSchema
                | K::Consume
                | K::Count
                | K::Distinct
                | K::Evaluate
                | K::ExecuteAndCache
                | K::Extend
                | K::Facet
                | K::Filter
                | K::Find
                | K::Fork
                | K::GetSchema
                | K::GraphMarkComponents
                | K::GraphMatch
                | K::GraphShortestPaths
                | K::GraphToTable
                | K::GraphWhereEdges
                | K::GraphWhereNodes
                | K::Invoke
                | K::Join
                | K::Limit
                | K::Lookup
                | K::MacroExpand
                | K::MakeGraph
                | K::MakeSeries
                | K::MvApply
                | K::MvExpand
                | K::Parse
                | K::ParseKv
                | K::ParseWhere
                | K::Partition
                | K::PartitionBy
                | K::Print
                | K::Project
                | K::ProjectAway
                | K::ProjectByNames
                | K::ProjectKeep
                | K::ProjectRename
                | K::ProjectReorder
                | K::Range
                | K::Reduce
                | K::Render
                | K::Sample
                | K::SampleDistinct
                | K::Scan
                | K::Search
                | K::Serialize
                | K::Sort
                | K::Summarize
                | K::Take
                | K::Top
                | K::TopHitters
                | K::TopNested
                | K::Union
                | K::Where
        )
    }
}

/// Returns the keyword that a word is. Keywords are case-sensitive.
pub(crate) fn find(word: &str) -> Option<Keyword> {
    entry(word).map(|(_, keyword, _)| *keyword)
}

/// Returns where a word may stand for a name; any word that is no keyword is free.
pub(crate) fn naming(word: &str) -> Naming {
    entry(word).map_or(Naming::Free, |(_, _, naming)| *naming)
}

/// Returns the spellings of the tabular operators.
pub(crate) fn operator_words() -> impl Iterator<Item = &'static str> {
    KEYWORDS.iter().filter(|(_, keyword, _)| keyword.is_operator()).map(|(word, ..)| *word)
}

/// Returns how far a keyword with dashes reaches past the word it starts with.
///
/// `text` starts with that word; a dash follows it.
pub(super) fn dashed_rest(text: &str) -> Option<usize> {
    let first = text.find('-')?;
    let longest = DASHED
        .iter()
        .filter(|word| text.strip_prefix(**word).is_some_and(|rest| !continues_word(rest)))
        .map(|word| word.len())
        .max()?;
    longest.checked_sub(first)
}

fn continues_word(rest: &str) -> bool {
    rest.bytes().next().is_some_and(super::is_word_byte)
}

fn entry(word: &str) -> Option<&'static (&'static str, Keyword, Naming)> {
    let at = KEYWORDS.binary_search_by(|(text, ..)| (*text).cmp(word)).ok()?;
    KEYWORDS.get(at)
}

#[cfg(test)]
mod tests {
    use super::{DASHED, KEYWORDS};

    #[test]
    fn keywords_are_sorted_and_unique() {
        assert!(KEYWORDS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn every_keyword_with_a_dash_is_among_the_dashed() {
        let dashed: Vec<_> =
            KEYWORDS.iter().map(|entry| entry.0).filter(|w| w.contains('-')).collect();
        assert_eq!(dashed, DASHED);
    }
}
