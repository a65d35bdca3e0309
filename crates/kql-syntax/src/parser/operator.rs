//! Tabular operators: which one starts here; one file each for what follows the keyword.

mod as_;
mod columns;
mod count;
mod evaluate;
mod graph;
mod groups;
mod invoke;
mod render;
mod rows;
mod scan;
mod tables;

use super::{Parser, list::ListRule};
use crate::{
    ast::{Operator, OperatorKind},
    lexer::{Keyword, TokenKind},
};

impl Parser<'_> {
    /// Reads an operator; reports if there is none, and skips what stands in its place.
    pub(super) fn operator(&mut self) -> Operator {
        self.repair_operator();
        let start = self.span();
        let keyword = match self.kind() {
            TokenKind::Keyword(keyword)
                if keyword.is_operator() || keyword == Keyword::InlineExternalTable =>
            {
                self.bump();
                keyword
            }
            _ => {
                self.report_unknown_operator();
                self.skip_to_boundary();
                return Operator { kind: OperatorKind::Error, span: self.span_from(start) };
            }
        };
        let kind = self.operator_kind(keyword, start);
        Operator { kind, span: self.span_from(start) }
    }

    /// Returns whether an operator starts here, where an expression could stand too.
    fn at_operator(&self) -> bool {
        matches!(self.kind(), TokenKind::Keyword(keyword) if keyword.is_operator())
    }

    fn operator_kind(&mut self, keyword: Keyword, start: crate::Span) -> OperatorKind {
        match keyword {
            Keyword::As => self.as_operator(),
            Keyword::AssertSchema => {
                OperatorKind::AssertSchema(self.row_schema("after `assert-schema`"))
            }
            Keyword::Consume => OperatorKind::Consume(self.params(&[])),
            Keyword::Count => self.count(),
            Keyword::Distinct => self.distinct(),
            Keyword::Evaluate => self.evaluate(),
            Keyword::ExecuteAndCache => OperatorKind::ExecuteAndCache,
            Keyword::Extend => {
                OperatorKind::Extend(self.comma_list(ListRule::OneOrMore, Self::named_expr))
            }
            Keyword::Facet => self.facet(),
            Keyword::Find => self.find(),
            Keyword::Fork => self.fork(),
            Keyword::GetSchema => OperatorKind::GetSchema(self.params(&[])),
            Keyword::GraphMarkComponents => {
                OperatorKind::GraphMarkComponents(self.params(&["with_component_id"]))
            }
            Keyword::GraphMatch => self.graph_match(false),
            Keyword::GraphShortestPaths => self.graph_match(true),
            Keyword::GraphToTable => self.graph_to_table(),
            Keyword::GraphWhereEdges => self.graph_where(true),
            Keyword::GraphWhereNodes => self.graph_where(false),
            Keyword::InlineExternalTable => self.inline_external_table(start),
            Keyword::Invoke => self.invoke(),
            Keyword::Join => self.join(),
            Keyword::Lookup => self.lookup(),
            Keyword::MacroExpand => self.macro_expand(),
            Keyword::MakeGraph => self.make_graph(),
            Keyword::MakeSeries => self.make_series(),
            Keyword::MvApply => self.mv_apply(),
            Keyword::MvExpand => self.mv_expand(),
            Keyword::Parse => self.parse(false),
            Keyword::ParseKv => self.parse_kv(),
            Keyword::ParseWhere => self.parse(true),
            Keyword::Partition => self.partition(),
            Keyword::PartitionBy => self.partition_by(),
            Keyword::Print => {
                OperatorKind::Print(self.comma_list(ListRule::OneOrMore, Self::named_expr))
            }
            Keyword::Project => self.project(),
            Keyword::ProjectAway => self.project_away(),
            Keyword::ProjectByNames => self.project_by_names(),
            Keyword::ProjectKeep => self.project_keep(),
            Keyword::ProjectRename => self.project_rename(),
            Keyword::ProjectReorder => self.project_reorder(),
            Keyword::Range => self.range(),
            Keyword::Reduce => self.reduce(),
            Keyword::Render => self.render(),
            Keyword::Sample => self.sample(),
            Keyword::SampleDistinct => self.sample_distinct(),
            Keyword::Scan => self.scan(),
            Keyword::Search => self.search(),
            Keyword::Serialize => self.serialize(),
            Keyword::Sort => self.sort(),
            Keyword::Summarize => self.summarize(),
            Keyword::Limit | Keyword::Take => self.take(),
            Keyword::Top => self.top(),
            Keyword::TopHitters => self.top_hitters(),
            Keyword::TopNested => self.top_nested(),
            Keyword::Union => self.union(),
            Keyword::Filter | Keyword::Where => self.where_(),
            _ => OperatorKind::Error,
        }
    }
}
