//! Gathers texts in the order in which they come, all or the different ones, up to a number of them.
//!
//! Past that number a group takes no more memory, whatever the input has.

use std::{
    mem::{size_of_val, take},
    sync::{Arc, LazyLock},
};

use arrow::{
    array::{Array, ArrayRef, Int64Array},
    datatypes::{DataType, Field, FieldRef},
};
use datafusion_common::{Result, ScalarValue};
use datafusion_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, GroupsAccumulator, Signature, TypeSignature,
    Volatility,
    function::{AccumulatorArgs, StateFieldsArgs},
};
use kql_types::dynamic::{self, Kind};

use super::{
    grouped_texts::{GroupedTexts, OfTexts},
    list_states::each_list,
    texts::{Known, Texts, state_type, texts_of},
};

/// Returns the aggregate function: a text and how many are wanted to a list of texts, nulls among
/// them.
pub(in crate::aggregates) fn all_texts() -> Arc<AggregateUDF> {
    static FUNCTION: LazyLock<Arc<AggregateUDF>> = LazyLock::new(|| function("kql_texts", false));
    Arc::clone(&FUNCTION)
}

/// Returns the aggregate function: a text and, if need be, how many elements are wanted to a list of
/// different texts; null is left out. An array is no element: it is taken for what it has.
pub(crate) fn distinct_texts() -> Arc<AggregateUDF> {
    static FUNCTION: LazyLock<Arc<AggregateUDF>> =
        LazyLock::new(|| function("kql_distinct_texts", true));
    Arc::clone(&FUNCTION)
}

fn function(name: &'static str, is_distinct: bool) -> Arc<AggregateUDF> {
    let text = DataType::Utf8View;
    let signatures = vec![
        TypeSignature::Exact(vec![text.clone()]),
        TypeSignature::Exact(vec![text, DataType::Int64]),
    ];
    let signature = Signature::one_of(signatures, Volatility::Immutable);
    Arc::new(AggregateUDF::new_from_impl(GatheredTexts { name, is_distinct, signature }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct GatheredTexts {
    name: &'static str,
    is_distinct: bool,
    signature: Signature,
}

impl AggregateUDFImpl for GatheredTexts {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::new_list(DataType::Utf8View, true))
    }

    fn accumulator(&self, _args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(if self.is_distinct { Gathered::different() } else { Gathered::default() }))
    }

    fn groups_accumulator_supported(&self, _args: AccumulatorArgs<'_>) -> bool {
        true
    }

    fn create_groups_accumulator(
        &self,
        _args: AccumulatorArgs<'_>,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        let make = if self.is_distinct { Gathered::different } else { Gathered::default };
        Ok(Box::new(GroupedTexts::new(make)))
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        Ok(vec![
            Arc::new(Field::new(format!("{}[texts]", args.name), state_type(), true)),
            Arc::new(Field::new(format!("{}[wanted]", args.name), DataType::Int64, true)),
        ])
    }
}

/// The texts of a group so far.
#[derive(Debug, Default)]
struct Gathered {
    texts: Texts,
    /// Where only different texts are wanted, those that there are.
    known: Option<Known>,
    /// Texts that are elements of the result for certain.
    elements: usize,
    wanted: Option<i64>,
}

impl Gathered {
    /// Starts to gather different texts.
    fn different() -> Self {
        Self { known: Some(Known::default()), ..Self::default() }
    }

    fn is_full(&self) -> bool {
        let wanted = self.wanted.and_then(|wanted| usize::try_from(wanted).ok());
        wanted.is_some_and(|wanted| self.elements >= wanted)
    }

    fn add(&mut self, texts: &dyn Array) -> Result<()> {
        for text in texts_of(texts)? {
            if self.is_full() {
                return Ok(());
            }
            self.push(text)?;
        }
        Ok(())
    }

    fn push(&mut self, text: Option<&str>) -> Result<()> {
        let is_element = match (&mut self.known, text) {
            (None, _) => true,
            (Some(_), None) => return Ok(()),
            (Some(known), Some(text)) => {
                if !known.insert(text, &self.texts) {
                    return Ok(());
                }
                dynamic::kind(text) != Kind::Array
            }
        };
        self.elements = self.elements.saturating_add(usize::from(is_element));
        self.texts.push(text)
    }

    /// Returns the texts and forgets all about them.
    fn take_texts(&mut self) -> Texts {
        if let Some(known) = &mut self.known {
            *known = Known::default();
        }
        self.elements = 0;
        take(&mut self.texts)
    }

    /// Every row has the same number, a constant of the query.
    fn learn_wanted(&mut self, numbers: Option<&ArrayRef>) {
        let numbers = numbers.and_then(|numbers| numbers.as_any().downcast_ref::<Int64Array>());
        if let (None, Some(numbers)) = (self.wanted, numbers) {
            self.wanted = numbers.iter().flatten().next();
        }
    }
}

impl OfTexts for Gathered {
    fn add_text(&mut self, text: Option<&str>) -> Result<()> {
        if self.is_full() { Ok(()) } else { self.push(text) }
    }

    fn learn(&mut self, further: &[ArrayRef]) {
        self.learn_wanted(further.first());
    }
}

impl Accumulator for Gathered {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.learn_wanted(values.get(1));
        values.first().map_or(Ok(()), |texts| self.add(texts.as_ref()))
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.take_texts().take_list()
    }

    fn size(&self) -> usize {
        let known = self.known.as_ref().map_or(0, Known::size);
        let texts = self.texts.size().saturating_add(self.texts.json_size());
        size_of_val(self).saturating_add(texts).saturating_add(known)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.take_texts().take_state()?, ScalarValue::Int64(self.wanted)])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.learn_wanted(states.get(1));
        each_list(states.get(..1).unwrap_or_default(), |texts| self.add(texts))
    }
}
