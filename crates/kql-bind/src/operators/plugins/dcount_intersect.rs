//! `dcount_intersect`: how many values the first sketches have in common, for each number of sketches.
//!
//! Source: <https://learn.microsoft.com/kusto/query/dcount-intersect-plugin>

use kql_types::KqlType;

use super::{
    super::parts::build::{call, with_columns},
    PluginCall,
};
use crate::{
    binder::{Binder, Row, Scope},
    tree::Relation,
};

impl Binder<'_> {
    pub(super) fn run_dcount_intersect(
        &mut self,
        rows: &Relation,
        plugin: &PluginCall<'_>,
    ) -> Option<Relation> {
        let row = Row::of(rows);
        let mut sketches = Vec::new();
        let mut added = Vec::new();
        for (at, argument) in plugin.args.call.args.iter().enumerate() {
            let sketch = self.bind_scalar(&argument.value, Scope::over(&row))?;
            (sketch.ty == KqlType::Dynamic).then(|| sketches.push(sketch))?;
            let name = format!("s{at}");
            rows.columns.iter().all(|column| *column.name != *name).then_some(())?;
            let column = self.fresh_column(name.as_str(), KqlType::Long);
            let count = call("__dcount_common", sketches.clone(), KqlType::Long, plugin.span);
            added.push((column, count));
        }
        Some(with_columns(rows.clone(), added))
    }
}
