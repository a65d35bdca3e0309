//! `scan`

use kql_syntax::{
    Span,
    ast::{Assignment, ColumnDecl, OperatorKind, ScanStep},
};
use kql_types::KqlType;

use super::{parameter, shape::mv_expand::place, word};
use crate::{
    binder::{Binder, Row, Scope, opaque},
    tree::{Column, Relation},
};

impl Binder<'_> {
    /// Follows sequences of rows: the input's columns, those declared, and the match's number if it
    /// is asked for.
    pub(super) fn bind_scan(
        &mut self,
        rows: Relation,
        operator: &OperatorKind,
        span: Span,
    ) -> Relation {
        let OperatorKind::Scan { params, order_by, partition_by, declare, steps } = operator else {
            return rows;
        };
        let row = Row::of(&rows);
        for key in order_by {
            self.bind_order(key, Scope::over(&row));
        }
        for key in partition_by {
            self.bind_scalar(key, Scope::over(&row));
        }
        let mut columns = rows.columns.clone();
        for column in self.bind_declared(declare) {
            place(&mut columns, column);
        }
        self.bind_steps(&columns, steps);
        if let Some(name) = parameter(params, "with_match_id").and_then(word) {
            columns.push(self.fresh_column(name, KqlType::Long));
        }
        let is_open = rows.has_open_schema();
        opaque("scan", vec![rows], columns, is_open, span)
    }

    fn bind_declared(&mut self, declare: &[ColumnDecl]) -> Vec<Column> {
        for column in declare {
            if let Some(default) = &column.default {
                self.bind_scalar(default, Scope::default());
            }
        }
        self.declared_columns(declare)
    }

    /// Binds the steps' conditions and assignments; a step's name holds its columns.
    fn bind_steps(&mut self, columns: &[Column], steps: &[ScanStep]) {
        let mut within = columns.to_vec();
        for step in steps {
            within.push(self.unknown_column(step.name.text.as_str()));
        }
        let row = Row::new(&within, false);
        for step in steps {
            self.bind_predicate(&step.predicate, Scope::over(&row));
            self.bind_items(&step.assignments, Scope::over(&row));
            for assignment in &step.assignments {
                if let Assignment::Name(name) = &assignment.name {
                    self.bind_column(name, &row);
                }
            }
        }
    }
}
