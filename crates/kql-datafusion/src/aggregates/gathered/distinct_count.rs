//! Counts different texts, in memory that the limit knows of.
//!
//! DataFusion's own count keeps the buffers that texts point into, and does not count them.

use std::{
    mem::size_of_val,
    sync::{Arc, LazyLock},
};

use arrow::{
    array::{Array, ArrayRef},
    datatypes::{DataType, Field, FieldRef},
};
use datafusion_common::{Result, ScalarValue};
use datafusion_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, GroupsAccumulator, Signature, Volatility,
    function::{AccumulatorArgs, StateFieldsArgs},
};

use super::{
    distinct_groups::DistinctGroups,
    list_states::each_list,
    texts::{Known, Texts, state_type, texts_of},
};

/// Returns the aggregate function: a text to a long; null is left out.
pub(in crate::aggregates) fn distinct_count() -> Arc<AggregateUDF> {
    static FUNCTION: LazyLock<Arc<AggregateUDF>> = LazyLock::new(|| {
        let signature = Signature::exact(vec![DataType::Utf8View], Volatility::Immutable);
        Arc::new(AggregateUDF::new_from_impl(DistinctCount { signature }))
    });
    Arc::clone(&FUNCTION)
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct DistinctCount {
    signature: Signature,
}

impl AggregateUDFImpl for DistinctCount {
    fn name(&self) -> &'static str {
        "kql_distinct_count"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn accumulator(&self, _args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Counted::default()))
    }

    fn groups_accumulator_supported(&self, _args: AccumulatorArgs<'_>) -> bool {
        true
    }

    fn create_groups_accumulator(
        &self,
        _args: AccumulatorArgs<'_>,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(DistinctGroups::default()))
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        Ok(vec![Arc::new(Field::new(format!("{}[texts]", args.name), state_type(), true))])
    }

    /// A group without rows has none.
    fn default_value(&self, _data_type: &DataType) -> Result<ScalarValue> {
        Ok(ScalarValue::Int64(Some(0)))
    }

    fn is_nullable(&self) -> bool {
        false
    }
}

/// The different texts of a group so far.
#[derive(Debug, Default)]
struct Counted {
    texts: Texts,
    known: Known,
}

impl Counted {
    fn add(&mut self, texts: &dyn Array) -> Result<()> {
        for text in texts_of(texts)?.flatten() {
            if self.known.insert(text, &self.texts) {
                self.texts.push(Some(text))?;
            }
        }
        Ok(())
    }
}

impl Accumulator for Counted {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        values.iter().try_for_each(|texts| self.add(texts.as_ref()))
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(ScalarValue::Int64(i64::try_from(self.texts.len()).ok()))
    }

    fn size(&self) -> usize {
        // A group that goes to disk is copied on its way.
        let texts = self.texts.size().saturating_mul(2);
        size_of_val(self).saturating_add(texts).saturating_add(self.known.size())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.known = Known::default();
        Ok(vec![self.texts.take_state()?])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        each_list(states, |texts| self.add(texts))
    }
}
