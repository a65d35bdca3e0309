//! `graph-to-table nodes as N, edges as E`

use crate::{
    ast::{Name, OperatorKind, Param},
    lexer::Keyword,
    parser::{
        Parser,
        list::ListRule,
        name::{NameUse, missing_name},
    },
};

impl Parser<'_> {
    pub(in crate::parser::operator) fn graph_to_table(&mut self) -> OperatorKind {
        let outputs = self.comma_list(ListRule::OneOrMore, Self::graph_output);
        OperatorKind::GraphToTable { outputs }
    }

    fn graph_output(&mut self) -> (Name, Option<Name>, Vec<Param>) {
        let at = self.span();
        if !self.at_keyword(Keyword::Nodes) && !self.at_keyword(Keyword::Edges) {
            self.unexpected("`nodes` or `edges`");
            return (missing_name(at), None, Vec::new());
        }
        let what = self.joined_name(1);
        let name = self
            .eat_keyword(Keyword::As)
            .and_then(|_| self.expect_name(NameUse::Reference, "after `as`"));
        let params = self.params(&["with_node_id", "with_source_id", "with_target_id"]);
        (what, name, params)
    }
}
