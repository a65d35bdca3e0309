//! `graph-match` and `graph-shortest-paths`

use crate::{
    ast::{Expr, GraphEdge, GraphPattern, Name, OperatorKind},
    lexer::{Keyword, TokenKind as T},
    parser::{Parser, bracket::Bracket, list::ListRule, name::NameUse},
};

impl Parser<'_> {
    pub(in crate::parser::operator) fn graph_match(
        &mut self,
        shortest_paths: bool,
    ) -> OperatorKind {
        let params = self.params(&["output"]);
        let patterns = self.comma_list(ListRule::OneOrMore, Self::graph_pattern);
        let predicate = self.eat_keyword(Keyword::Where).map(|_| self.boxed_expression());
        let project = match self.eat_keyword(Keyword::Project) {
            Some(_) => self.comma_list(ListRule::OneOrMore, Self::named_expr),
            None => Vec::new(),
        };
        OperatorKind::GraphMatch { shortest_paths, params, patterns, predicate, project }
    }

    /// `(a)-[e]->(b)`
    fn graph_pattern(&mut self) -> GraphPattern {
        let mut nodes = vec![self.graph_node()];
        let mut edges = Vec::new();
        while let Some(edge) = self.graph_edge() {
            edges.push(edge);
            nodes.push(self.graph_node());
        }
        GraphPattern { nodes, edges }
    }

    fn graph_node(&mut self) -> Option<Name> {
        let open = self.open(Bracket::Paren, "before a node of the pattern")?;
        let name = self.name(NameUse::Reference);
        self.close(Bracket::Paren, open, None);
        name
    }

    /// `-->`, `<--`, `--`, `-[e]->`, `<-[e*1..3]-`
    fn graph_edge(&mut self) -> Option<GraphEdge> {
        let from_right = self.at(T::Less) && self.kind_at(1) == T::Minus;
        if from_right {
            self.bump();
        }
        self.eat(T::Minus)?;
        let Some(open) = self.eat(T::OpenBracket) else {
            self.expect(T::Minus, "-", "or `[` in an edge");
            let to_right = self.eat(T::Greater).is_some();
            return Some(GraphEdge { name: None, from_right, to_right, hops: None });
        };
        let name = self.name(NameUse::Reference);
        let hops = self.eat(T::Star).map(|_| self.graph_hops());
        self.close(Bracket::Square, open, None);
        self.expect(T::Minus, "-", "after the edge");
        let to_right = self.eat(T::Greater).is_some();
        Some(GraphEdge { name, from_right, to_right, hops })
    }

    /// `1..3`
    fn graph_hops(&mut self) -> (Expr, Expr) {
        let least = self.expression();
        self.expect(T::DotDot, "..", "between the bounds");
        (least, self.expression())
    }
}
