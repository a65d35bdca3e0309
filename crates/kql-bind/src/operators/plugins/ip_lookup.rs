//! `ipv4_lookup` and `ipv6_lookup`: rows of a table of networks that an address is in.
//!
//! An address has one network of each prefix length. Rows are expanded by these lengths and joined by
//! network and length, so that the table is read once and no pair of rows is tested.
//!
//! Source: <https://learn.microsoft.com/kusto/query/ipv4-lookup-plugin>, and measured; an address in
//! several networks gets a row for each, as a join does.

use kql_syntax::{Span, ast::BinaryOp};
use kql_types::{KqlType, Value};

use super::{
    super::{
        parts::{
            build::{
                all_of, binary, call, element_of, filtered, long, numbered, select_renamed, text,
                with_columns,
            },
            item::unparenthesised,
            window::windowed,
        },
        tables::join::side_by_side,
    },
    PluginCall, named_column,
};
use crate::{
    binder::{Binder, column_expr, literal},
    tree::{
        Column, Expand, ExpandedArray, Expr, Join, JoinKind, PathStep, Relation, RelationKind,
        WindowFunction,
    },
};

/// The version of the addresses.
#[derive(Clone, Copy)]
struct Family {
    is_v4: bool,
}

impl Family {
    const fn bits(self) -> i64 {
        if self.is_v4 { 32 } else { 128 }
    }

    const fn key_type(self) -> KqlType {
        if self.is_v4 { KqlType::Long } else { KqlType::String }
    }

    /// Returns the network of an address of that many bits.
    fn network(self, address: Expr, bits: Expr) -> Expr {
        let span = address.span;
        let function = if self.is_v4 { "parse_ipv4_mask" } else { "parse_ipv6_mask" };
        call(function, vec![address, bits], self.key_type(), span)
    }

    /// Tells whether a network is one.
    fn is_there(self, network: Expr) -> Expr {
        let span = network.span;
        let function = if self.is_v4 { "isnotnull" } else { "isnotempty" };
        call(function, vec![network], KqlType::Bool, span)
    }

    /// Returns how many bits the text of a network names.
    fn prefix_of(self, network: Expr) -> Expr {
        let span = network.span;
        if self.is_v4 {
            return call("ipv4_netmask_suffix", vec![network], KqlType::Long, span);
        }
        let parts = call("split", vec![network, text("/", span)], KqlType::Dynamic, span);
        let named = element_of(parts, vec![PathStep::Index(1)], KqlType::Long);
        call("coalesce", vec![named, long(self.bits(), span)], KqlType::Long, span)
    }
}

impl Binder<'_> {
    pub(super) fn run_ip_lookup(
        &mut self,
        rows: &Relation,
        plugin: &PluginCall<'_>,
        is_v4: bool,
    ) -> Option<Relation> {
        let (span, family) = (plugin.span, Family { is_v4 });
        let facts = plugin.lookup.clone()?;
        let is_text = |column: &&Column| column.ty == KqlType::String;
        let address = named_column(rows, plugin, 1).filter(is_text)?.clone();
        let network = named_column(&facts, plugin, 2).filter(is_text)?.clone();
        let keeps_unmatched = match plugin.args.call.args.get(3..).unwrap_or_default() {
            [] => false,
            [flag] => {
                let is_flag = !matches!(
                    unparenthesised(&flag.value).kind,
                    kql_syntax::ast::ExprKind::Name(_)
                );
                let flag = self.plugin_constant(plugin, 3, "return_unmatched");
                is_flag.then_some(flag)? == Some(Value::Bool(Some(true)))
            }
            _ => return None,
        };
        let columns = if is_v4 {
            side_by_side(&rows.columns, &facts.columns)
        } else {
            // Measured: the facts come first there.
            side_by_side(&facts.columns, &rows.columns)
        };
        let (left, row, prefix) = self.by_prefix(rows.clone(), family, span);
        let prefix_expr = column_expr(&prefix, span);
        let of_row = self.hidden_column("network", family.key_type());
        let of_row_value = family.network(column_expr(&address, span), prefix_expr.clone());
        let left = with_columns(left, vec![(of_row.clone(), of_row_value)]);
        let (right, keys) = self.by_network(facts, &network, family, span);
        let kind = if keeps_unmatched { JoinKind::LeftOuter } else { JoinKind::Inner };
        let left = if keeps_unmatched {
            left
        } else {
            filtered(left, family.is_there(column_expr(&of_row, span)), span)
        };
        let on = vec![
            (column_expr(&of_row, span), column_expr(&keys.network, span)),
            (prefix_expr.clone(), column_expr(&keys.prefix, span)),
        ];
        let joined_columns = left.columns.iter().chain(&right.columns).cloned().collect();
        let join = Join { kind, left, right, on };
        let kind = RelationKind::Join(Box::new(join));
        let mut joined = Relation { kind, columns: numbered(joined_columns), span };
        if keeps_unmatched {
            joined = self.one_if_unmatched(joined, &row, &prefix, &keys.prefix, span);
        }
        Some(select_renamed(joined, columns, span))
    }

    /// Numbers rows and expands each by the lengths of a prefix.
    fn by_prefix(
        &mut self,
        rows: Relation,
        family: Family,
        span: Span,
    ) -> (Relation, Column, Column) {
        let row = self.hidden_column("row_number", KqlType::Long);
        let function =
            WindowFunction { function: "row_number", args: Vec::new(), output: row.clone(), span };
        let rows = windowed(rows, Vec::new(), vec![function]);
        let lengths: Vec<String> = (0..=family.bits()).map(|bits| bits.to_string()).collect();
        let lengths = Value::Dynamic(Some(format!("[{}]", lengths.join(","))));
        let prefix = self.hidden_column("prefix", KqlType::Long);
        let array = ExpandedArray {
            source: literal(lengths, span),
            column: prefix.clone(),
            bags_as_pairs: false,
        };
        let columns = rows.columns.iter().chain([&prefix]).cloned().collect();
        let expand = Expand { input: rows, arrays: vec![array], index: None, limit: None };
        let expanded = Relation { kind: RelationKind::Expand(Box::new(expand)), columns, span };
        (expanded, row, prefix)
    }

    /// Adds network and length of the prefix to the facts; those that name no network are left out.
    fn by_network(
        &mut self,
        facts: Relation,
        network: &Column,
        family: Family,
        span: Span,
    ) -> (Relation, Keys) {
        let keys = Keys {
            network: self.hidden_column("network", family.key_type()),
            prefix: self.hidden_column("prefix", KqlType::Long),
        };
        let named = column_expr(network, span);
        let prefix = family.prefix_of(named.clone());
        let value = family.network(named, prefix.clone());
        let added = vec![(keys.network.clone(), value), (keys.prefix.clone(), prefix)];
        let facts = with_columns(facts, added);
        let is_network = family.is_there(column_expr(&keys.network, span));
        (filtered(facts, is_network, span), keys)
    }

    /// Keeps of each row what matched, and one of its expansions if nothing did.
    fn one_if_unmatched(
        &mut self,
        joined: Relation,
        row: &Column,
        prefix: &Column,
        matched: &Column,
        span: Span,
    ) -> Relation {
        let most = self.hidden_column("max", KqlType::Long);
        let function = WindowFunction {
            function: "max",
            args: vec![column_expr(matched, span)],
            output: most.clone(),
            span,
        };
        let windowed = windowed(joined, vec![column_expr(row, span)], vec![function]);
        let is_null = |column| call("isnull", vec![column_expr(column, span)], KqlType::Bool, span);
        let is_first =
            binary(BinaryOp::Equal, column_expr(prefix, span), long(0, span), KqlType::Bool);
        let is_match = call("isnotnull", vec![column_expr(matched, span)], KqlType::Bool, span);
        let is_only = all_of(vec![is_null(&most), is_first], span);
        let op = kql_syntax::ast::LogicalOp::Or;
        let kind = crate::tree::ExprKind::Logical { op, operands: vec![is_match, is_only] };
        filtered(windowed, Expr { kind, ty: KqlType::Bool, span }, span)
    }
}

/// What facts are joined by.
struct Keys {
    network: Column,
    prefix: Column,
}
