//! Gathers different texts in the order in which they come.

use std::{
    collections::HashSet,
    mem::size_of_val,
    sync::{Arc, LazyLock},
};

use arrow::{
    array::{Array, ArrayRef, ListArray, StringViewArray},
    datatypes::{DataType, Field, FieldRef},
};
use datafusion_common::{Result, ScalarValue, exec_datafusion_err};
use datafusion_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, Signature, Volatility,
    function::{AccumulatorArgs, StateFieldsArgs},
};

/// Returns the aggregate function: one text to a list of texts; null is left out.
pub(crate) fn distinct_texts() -> Arc<AggregateUDF> {
    static FUNCTION: LazyLock<Arc<AggregateUDF>> = LazyLock::new(|| {
        let signature = Signature::exact(vec![DataType::Utf8View], Volatility::Immutable);
        Arc::new(AggregateUDF::new_from_impl(DistinctTexts { signature }))
    });
    Arc::clone(&FUNCTION)
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct DistinctTexts {
    signature: Signature,
}

impl AggregateUDFImpl for DistinctTexts {
    fn name(&self) -> &'static str {
        "kql_distinct_texts"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::new_list(DataType::Utf8View, true))
    }

    fn accumulator(&self, _args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Texts::default()))
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let list = DataType::new_list(DataType::Utf8View, true);
        Ok(vec![Arc::new(Field::new(format!("{}[texts]", args.name), list, true))])
    }
}

/// The texts of a group so far.
#[derive(Debug, Default)]
struct Texts {
    ordered: Vec<Arc<str>>,
    known: HashSet<Arc<str>>,
    bytes: usize,
}

impl Texts {
    fn add(&mut self, texts: &dyn Array) -> Result<()> {
        let texts = texts
            .as_any()
            .downcast_ref::<StringViewArray>()
            .ok_or_else(|| exec_datafusion_err!("texts of type {}", texts.data_type()))?;
        for text in texts.iter().flatten() {
            if !self.known.contains(text) {
                let text: Arc<str> = text.into();
                self.bytes = self.bytes.saturating_add(text.len());
                self.known.insert(Arc::clone(&text));
                self.ordered.push(text);
            }
        }
        Ok(())
    }

    fn list(&self) -> ScalarValue {
        let texts = self.ordered.iter().map(|text| ScalarValue::Utf8View(Some(text.to_string())));
        let texts: Vec<ScalarValue> = texts.collect();
        ScalarValue::List(ScalarValue::new_list(&texts, &DataType::Utf8View, true))
    }
}

impl Accumulator for Texts {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        values.iter().try_for_each(|texts| self.add(texts.as_ref()))
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(self.list())
    }

    fn size(&self) -> usize {
        // Each text is held once and pointed at twice.
        let pointers = self.ordered.len().saturating_mul(64);
        size_of_val(self).saturating_add(self.bytes).saturating_add(pointers)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.list()])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        for lists in states {
            let lists = lists
                .as_any()
                .downcast_ref::<ListArray>()
                .ok_or_else(|| exec_datafusion_err!("states of type {}", lists.data_type()))?;
            lists.iter().flatten().try_for_each(|texts| self.add(texts.as_ref()))?;
        }
        Ok(())
    }
}
