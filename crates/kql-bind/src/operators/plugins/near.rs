//! `rows_near` and `rolling_percentile`: what is near a row.
//!
//! Sources: <https://learn.microsoft.com/kusto/query/rows-near-plugin>,
//! <https://learn.microsoft.com/kusto/query/rolling-percentile-plugin>, and measured: the first windows have
//! fewer bins. Inferred: a bin without a row has no window of its own.

use kql_syntax::ast::BinaryOp;
use kql_types::{KqlType, Value};

use super::{
    super::parts::{
        build::{binary, call, filtered, long, select_renamed, with_columns},
        window::windowed,
    },
    PluginCall,
    in_kql::Named,
};
use crate::{
    binder::{Binder, Row, Scope, column_expr, literal},
    conversion::convert,
    tree::{Column, Expr, Relation, WindowFunction},
};

impl Binder<'_> {
    /// Keeps the rows before and after those for which a condition holds, and these.
    ///
    /// The rows for which it holds are counted: in front of each row, up to the last one that is near.
    pub(super) fn run_rows_near(
        &mut self,
        rows: &Relation,
        plugin: &PluginCall<'_>,
    ) -> Option<Relation> {
        let span = plugin.span;
        let row = Row::of(rows);
        let condition = plugin.args.call.args.first()?;
        let condition = self.bind_predicate(&condition.value, Scope::over(&row))?;
        let number = |value| match value {
            Some(Value::Long(Some(number))) if number >= 0 => Some(number),
            Some(Value::Int(Some(number))) if number >= 0 => Some(i64::from(number)),
            _ => None,
        };
        let before = number(self.plugin_constant(plugin, 1, "num_rows"))?;
        let after = match plugin.args.call.args.len() {
            2 => before,
            3 => number(self.plugin_constant(plugin, 2, "num_rows_after"))?,
            _ => return None,
        };
        let holds = self.hidden_column("holds", KqlType::Long);
        let one_if =
            call("iff", vec![condition, long(1, span), long(0, span)], KqlType::Long, span);
        let counted = with_columns(rows.clone(), vec![(holds.clone(), one_if)]);
        let function = |function, args, output: &Column| WindowFunction {
            function,
            args,
            output: output.clone(),
            span,
        };
        let so_far = self.hidden_column("so_far", KqlType::Long);
        let restart = literal(Value::Bool(Some(false)), span);
        let cumulated = function("row_cumsum", vec![column_expr(&holds, span), restart], &so_far);
        let counted = windowed(counted, Vec::new(), vec![cumulated]);
        let (then, ago, all) = (
            self.hidden_column("then", KqlType::Long),
            self.hidden_column("ago", KqlType::Long),
            self.hidden_column("all", KqlType::Long),
        );
        let value = column_expr(&so_far, span);
        let missing = || literal(Value::Long(None), span);
        let functions = vec![
            function("next", vec![value.clone(), long(before, span), missing()], &then),
            function(
                "prev",
                vec![value.clone(), long(after.checked_add(1)?, span), missing()],
                &ago,
            ),
            function("max", vec![value], &all),
        ];
        let counted = windowed(counted, Vec::new(), functions);
        let or = |column: &Column, other: Expr| {
            call("coalesce", vec![column_expr(column, span), other], KqlType::Long, span)
        };
        let until = or(&then, column_expr(&all, span));
        let from = or(&ago, long(0, span));
        let is_near = binary(BinaryOp::Greater, until, from, KqlType::Bool);
        Some(select_renamed(filtered(counted, is_near, span), rows.columns.clone(), span))
    }

    /// Makes a percentile of each bin and those before it.
    pub(super) fn run_rolling_percentile(
        &mut self,
        rows: &Relation,
        plugin: &PluginCall<'_>,
    ) -> Option<Relation> {
        let span = plugin.span;
        let row = Row::of(rows);
        let args = &plugin.args.call.args;
        let mut bound = Vec::with_capacity(args.len());
        for argument in args.iter().filter(|it| it.name.is_none()) {
            bound.push(self.bind_scalar(&argument.value, Scope::over(&row))?);
        }
        if bound.len() != args.len() {
            return None;
        }
        let (value, index) = (args.first()?, args.get(2)?);
        let names =
            [value, index].map(|it| super::super::parts::item::name_of(&it.value).to_owned());
        let [value_name, index_name] = names;
        let percentage = match self.plugin_constant(plugin, 1, "percentile")? {
            Value::Long(Some(percentage)) => percentage.to_string(),
            Value::Int(Some(percentage)) => percentage.to_string(),
            _ => return None,
        };
        let Value::Long(Some(bins)) = self.plugin_constant(plugin, 4, "bins_per_window")? else {
            return None;
        };
        let dimensions: Vec<String> =
            (0..bound.len().checked_sub(5)?).map(|at| format!("d{at}")).collect();
        let list = dimensions.iter().map(|name| format!(", {name}")).collect::<Vec<_>>().concat();
        let size = convert(bound.get(3)?.clone(), bound.get(3)?.ty);
        let mut columns =
            vec![("v".to_owned(), bound.first()?.clone()), ("t".to_owned(), bound.get(2)?.clone())];
        let mut result = vec![self.fresh_column(index_name.as_str(), bound.get(2)?.ty)];
        for (at, name) in dimensions.iter().enumerate() {
            let at = at.checked_add(5)?;
            let dimension = bound.get(at)?;
            columns.push((name.clone(), dimension.clone()));
            let name = super::super::parts::item::name_of(&args.get(at)?.value);
            result.push(self.fresh_column(name, dimension.ty));
        }
        let name = format!("rolling_{bins}_percentile_{value_name}_{percentage}");
        result.push(self.fresh_column(name.as_str(), bound.first()?.ty));
        let text = format!(
            "let B = T | extend b = bin(t, size);
B | extend k = range(0, {bins} - 1, 1) | mv-expand k to typeof(long) | extend b = b + k * size
| summarize p = percentile(v, {percentage}) by b{list}
| join kind=leftsemi (B | distinct b{list}) on b{list}
| project b{list}, p"
        );
        let rows = self.rows_of_values(rows.clone(), columns, span)?;
        let named =
            Named { rows: vec![("T".to_owned(), rows)], values: vec![("size".to_owned(), size)] };
        (bins >= 1).then_some(())?;
        self.bind_in_kql(&text, named, result, span)
    }
}
