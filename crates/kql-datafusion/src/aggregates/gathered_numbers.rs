//! Gathers the numbers of a group, each in the bytes that it has.
//!
//! Ranking them afterwards takes a copy. Spilling makes one column of the groups' numbers and sorts
//! it, which takes two. They are counted beforehand: nobody asks for that memory then.

use std::{
    fmt::Debug,
    mem::{size_of, size_of_val, take},
    sync::{Arc, LazyLock},
};

use arrow::{
    array::{Array, ArrayRef, ArrowPrimitiveType, ListArray, PrimitiveArray},
    buffer::OffsetBuffer,
    datatypes::{DataType, Field, FieldRef, Float64Type, Int64Type},
};
use datafusion_common::{Result, ScalarValue, exec_datafusion_err};
use datafusion_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, Signature, Volatility,
    function::{AccumulatorArgs, StateFieldsArgs},
};

use super::list_states::each_list;

/// Copies that are made of the numbers at most.
const COPIES: usize = 2;

/// Returns the aggregate function: a long to a list of longs; null is left out.
pub(super) fn all_longs() -> Arc<AggregateUDF> {
    static FUNCTION: LazyLock<Arc<AggregateUDF>> =
        LazyLock::new(|| function("kql_longs", DataType::Int64));
    Arc::clone(&FUNCTION)
}

/// Returns the aggregate function: a real to a list of reals; null is left out.
pub(super) fn all_reals() -> Arc<AggregateUDF> {
    static FUNCTION: LazyLock<Arc<AggregateUDF>> =
        LazyLock::new(|| function("kql_reals", DataType::Float64));
    Arc::clone(&FUNCTION)
}

fn function(name: &'static str, number: DataType) -> Arc<AggregateUDF> {
    let signature = Signature::exact(vec![number.clone()], Volatility::Immutable);
    Arc::new(AggregateUDF::new_from_impl(GatheredNumbers { name, number, signature }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct GatheredNumbers {
    name: &'static str,
    number: DataType,
    signature: Signature,
}

impl GatheredNumbers {
    fn list(&self) -> DataType {
        DataType::new_list(self.number.clone(), true)
    }
}

impl AggregateUDFImpl for GatheredNumbers {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(self.list())
    }

    fn accumulator(&self, _args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(match self.number {
            DataType::Float64 => Box::new(Numbers::<Float64Type> { values: Vec::new() }),
            _ => Box::new(Numbers::<Int64Type> { values: Vec::new() }),
        })
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        Ok(vec![Arc::new(Field::new(format!("{}[numbers]", args.name), self.list(), true))])
    }
}

/// The numbers of a group so far.
#[derive(Debug)]
struct Numbers<T: ArrowPrimitiveType> {
    values: Vec<T::Native>,
}

impl<T: ArrowPrimitiveType> Numbers<T> {
    fn add(&mut self, numbers: &dyn Array) -> Result<()> {
        let numbers = numbers
            .as_any()
            .downcast_ref::<PrimitiveArray<T>>()
            .ok_or_else(|| exec_datafusion_err!("numbers of type {}", numbers.data_type()))?;
        if numbers.null_count() == 0 {
            self.values.extend_from_slice(numbers.values());
        } else {
            self.values.extend(numbers.iter().flatten());
        }
        Ok(())
    }

    fn take_list(&mut self) -> Result<ScalarValue> {
        let numbers = PrimitiveArray::<T>::new(take(&mut self.values).into(), None);
        let field = Arc::new(Field::new_list_field(T::DATA_TYPE, true));
        let offsets = OffsetBuffer::from_lengths([numbers.len()]);
        let list = ListArray::try_new(field, offsets, Arc::new(numbers), None)?;
        Ok(ScalarValue::List(Arc::new(list)))
    }
}

impl<T: ArrowPrimitiveType + Debug> Accumulator for Numbers<T> {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        values.iter().try_for_each(|numbers| self.add(numbers.as_ref()))
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.take_list()
    }

    fn size(&self) -> usize {
        let copies = self.values.len().saturating_mul(COPIES);
        let places = self.values.capacity().saturating_add(copies);
        size_of_val(self).saturating_add(places.saturating_mul(size_of::<T::Native>()))
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.take_list()?])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        each_list(states, |numbers| self.add(numbers))
    }
}
