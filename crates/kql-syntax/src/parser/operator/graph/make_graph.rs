//! `make-graph a --> b with T on id`

use crate::{
    ast::{Expr, OperatorKind},
    lexer::{Keyword, TokenKind},
    parser::{
        Parser,
        bracket::Bracket,
        expression::{expr::error_expr, literal::name_expr},
        list::ListRule,
        name::NameUse,
    },
};

impl Parser<'_> {
    pub(in crate::parser::operator) fn make_graph(&mut self) -> OperatorKind {
        let params = self.params(&[]);
        let source = Box::new(self.column("of the source"));
        let directed = self.graph_direction();
        let target = Box::new(self.column("of the target"));
        let mut node_id = None;
        let mut nodes = Vec::new();
        if self.eat_keyword(Keyword::WithNodeId).is_some() {
            self.expect(TokenKind::Equal, "=", "after `with_node_id`");
            node_id = self.expect_name(NameUse::Reference, "of the node's column");
        } else if self.eat_keyword(Keyword::With).is_some() {
            nodes = self.comma_list(ListRule::OneOrMore, Self::graph_nodes);
        }
        let partitioned_by = self.eat_keyword(Keyword::PartitionedBy).map(|_| {
            let by = Box::new(self.column_path());
            (by, Box::new(self.parenthesised_operators()))
        });
        OperatorKind::MakeGraph { source, target, directed, params, nodes, node_id, partitioned_by }
    }

    /// Reads `-->` or `--`, and returns whether it is the former.
    fn graph_direction(&mut self) -> bool {
        if self.eat(TokenKind::Minus).is_some() && self.eat(TokenKind::Minus).is_some() {
            return self.eat(TokenKind::Greater).is_some();
        }
        self.unexpected("`-->` or `--`");
        false
    }

    /// `T on id`
    fn graph_nodes(&mut self) -> (Expr, Vec<Expr>) {
        let table = self.expression();
        self.expect_keyword(Keyword::On, "on", "after the table of nodes");
        (table, vec![self.column("of the node's id")])
    }

    /// Reads the name of a column where no other expression may stand.
    pub(in crate::parser::operator) fn column(&mut self, context: &str) -> Expr {
        let at = self.span();
        self.expect_name(NameUse::Reference, context).map_or_else(|| error_expr(at), name_expr)
    }

    /// `(operators)`
    pub(in crate::parser::operator) fn parenthesised_operators(&mut self) -> Expr {
        let at = self.span();
        let Some(open) = self.open(Bracket::Paren, "before the operators") else {
            return error_expr(at);
        };
        let body = self.sub_pipeline();
        self.close(Bracket::Paren, open, None);
        body
    }
}
