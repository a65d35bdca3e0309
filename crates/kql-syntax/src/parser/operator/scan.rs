//! `scan with_match_id=m declare (a: long = 0) with (step s: p => a = 1;)`

use crate::{
    ast::{Assignment, ColumnDecl, NamedExpr, OperatorKind, ParamType, ScanStep},
    lexer::{Keyword, TokenKind},
    parser::{
        Parser,
        bracket::Bracket,
        list::ListRule,
        name::{NameUse, missing_name},
    },
};

impl Parser<'_> {
    pub(super) fn scan(&mut self) -> OperatorKind {
        let params = self.params(&[]);
        let order_by = match self.eat_keyword(Keyword::Sort) {
            Some(_) => {
                self.expect_keyword(Keyword::By, "by", "after `order`");
                self.comma_list(ListRule::OneOrMore, Self::order_key)
            }
            None => Vec::new(),
        };
        let partition_by = match self.eat_keyword(Keyword::Partition) {
            Some(_) => {
                self.expect_keyword(Keyword::By, "by", "after `partition`");
                self.comma_list(ListRule::OneOrMore, Self::expression)
            }
            None => Vec::new(),
        };
        let declare = self.scan_declarations();
        self.expect_keyword(Keyword::With, "with", "and the steps");
        let mut steps = Vec::new();
        if let Some(open) = self.open(Bracket::Paren, "before the steps") {
            while self.at_keyword(Keyword::Step) {
                steps.push(self.beside(Self::scan_step));
            }
            self.close(Bracket::Paren, open, Some("a step"));
        }
        OperatorKind::Scan { params, order_by, partition_by, declare, steps }
    }

    fn scan_declarations(&mut self) -> Vec<ColumnDecl> {
        if self.eat_keyword(Keyword::Declare).is_none() {
            return Vec::new();
        }
        let Some(open) = self.open(Bracket::Paren, "after `declare`") else { return Vec::new() };
        let columns = self.comma_list(ListRule::Any, |parser| {
            let param = parser.param_decl();
            let ty = match param.ty {
                ParamType::Scalar(ty) => Some(ty),
                ParamType::Table(_) | ParamType::AnyTable | ParamType::Missing => None,
            };
            ColumnDecl { name: param.name, ty, default: param.default.map(|value| *value) }
        });
        self.close(Bracket::Paren, open, Some("`,`"));
        columns
    }

    /// `step s optional output=last: p => a = 1;`
    fn scan_step(&mut self) -> ScanStep {
        self.bump();
        let at = self.span();
        let name = self
            .expect_name(NameUse::Declaration, "of the step")
            .unwrap_or_else(|| missing_name(at));
        let optional = self.eat_keyword(Keyword::Optional).is_some();
        let params = self.params(&["output"]);
        self.expect(TokenKind::Colon, ":", "before the step's condition");
        let predicate = self.expression();
        let assignments = match self.eat(TokenKind::FatArrow) {
            Some(_) => self.comma_list(ListRule::OneOrMore, Self::scan_assignment),
            None => Vec::new(),
        };
        if !self.expect(TokenKind::Semicolon, ";", "after the step") {
            self.skip_to_boundary();
            self.eat(TokenKind::Semicolon);
        }
        ScanStep { name, optional, params, predicate, assignments }
    }

    fn scan_assignment(&mut self) -> NamedExpr {
        let start = self.span();
        let name = self
            .expect_name(NameUse::Declaration, "of the column that is set")
            .unwrap_or_else(|| missing_name(start));
        self.expect(TokenKind::Equal, "=", "after the column's name");
        let value = self.expression();
        NamedExpr { name: Assignment::Name(name), value, span: self.span_from(start) }
    }
}
