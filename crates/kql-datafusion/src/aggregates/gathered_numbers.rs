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
    array::{
        Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, ListArray, PrimitiveArray,
    },
    buffer::OffsetBuffer,
    datatypes::{DataType, Field, FieldRef, Float64Type, Int64Type},
};
use datafusion_common::{
    Result, ScalarValue, exec_datafusion_err, exec_err, internal_datafusion_err, internal_err,
};
use datafusion_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, EmitTo, GroupsAccumulator, Signature, Volatility,
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

    fn groups_accumulator_supported(&self, _args: AccumulatorArgs<'_>) -> bool {
        true
    }

    fn create_groups_accumulator(
        &self,
        _args: AccumulatorArgs<'_>,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(match self.number {
            DataType::Float64 => Box::new(GroupedNumbers::<Float64Type>::default()),
            _ => Box::new(GroupedNumbers::<Int64Type>::default()),
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

/// The numbers of all groups so far.
#[derive(Debug)]
struct GroupedNumbers<T: ArrowPrimitiveType> {
    groups: Vec<Vec<T::Native>>,
    /// Numbers there is room for.
    places: usize,
}

impl<T: ArrowPrimitiveType> Default for GroupedNumbers<T> {
    fn default() -> Self {
        Self { groups: Vec::new(), places: 0 }
    }
}

impl<T: ArrowPrimitiveType> GroupedNumbers<T> {
    fn group(&mut self, group: usize) -> Result<&mut Vec<T::Native>> {
        self.groups
            .get_mut(group)
            .ok_or_else(|| internal_datafusion_err!("a row is of a group that there is not"))
    }

    /// Adds numbers to a group; what it takes more is counted.
    fn extend(&mut self, group: usize, add: impl FnOnce(&mut Vec<T::Native>)) -> Result<()> {
        let numbers = self.group(group)?;
        let before = numbers.capacity();
        add(numbers);
        let more = numbers.capacity().saturating_sub(before);
        self.places = self.places.saturating_add(more);
        Ok(())
    }

    fn take_lists(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let groups = emit_to.take_needed(&mut self.groups);
        self.places = self.groups.iter().map(Vec::capacity).fold(0, usize::saturating_add);
        let all = groups.iter().map(Vec::len).fold(0, usize::saturating_add);
        if i32::try_from(all).is_err() {
            return exec_err!("more than {} numbers to be ranked at a time", i32::MAX);
        }
        let offsets = OffsetBuffer::from_lengths(groups.iter().map(Vec::len));
        let numbers = PrimitiveArray::<T>::new(groups.concat().into(), None);
        let field = Arc::new(Field::new_list_field(T::DATA_TYPE, true));
        Ok(Arc::new(ListArray::try_new(field, offsets, Arc::new(numbers), None)?))
    }
}

fn numbers_of<T: ArrowPrimitiveType>(array: &dyn Array) -> Result<&PrimitiveArray<T>> {
    array
        .as_any()
        .downcast_ref::<PrimitiveArray<T>>()
        .ok_or_else(|| exec_datafusion_err!("numbers of type {}", array.data_type()))
}

impl<T: ArrowPrimitiveType + Debug> GroupsAccumulator for GroupedNumbers<T> {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        let [numbers] = values else { return internal_err!("numbers are missing") };
        let numbers = numbers_of::<T>(numbers)?;
        self.groups.resize(total_num_groups, Vec::new());
        for (row, group) in group_indices.iter().enumerate() {
            let is_filtered = |filter: &BooleanArray| !filter.is_valid(row) || !filter.value(row);
            if numbers.is_valid(row) && !opt_filter.is_some_and(is_filtered) {
                self.extend(*group, |of_group| of_group.push(numbers.value(row)))?;
            }
        }
        Ok(())
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
    ) -> Result<()> {
        let [lists] = values else { return internal_err!("states are missing") };
        let lists = lists
            .as_list_opt::<i32>()
            .ok_or_else(|| exec_datafusion_err!("states of type {}", lists.data_type()))?;
        self.groups.resize(total_num_groups, Vec::new());
        for (row, group) in group_indices.iter().enumerate() {
            if lists.is_valid(row) {
                let list = lists.value(row);
                let numbers = numbers_of::<T>(&list)?;
                self.extend(*group, |of_group| of_group.extend(numbers.iter().flatten()))?;
            }
        }
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        self.take_lists(emit_to)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.take_lists(emit_to)?])
    }

    /// Each row by itself.
    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        opt_filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let rows = values.first().map_or(0, Array::len);
        let mut each = Self::default();
        each.update_batch(values, &(0..rows).collect::<Vec<_>>(), opt_filter, rows)?;
        each.state(EmitTo::All)
    }

    fn size(&self) -> usize {
        // The numbers, and as many copies.
        let places = self.places.saturating_mul(COPIES.saturating_add(1));
        let groups = self.groups.capacity().saturating_mul(size_of::<Vec<T::Native>>());
        groups.saturating_add(places.saturating_mul(size_of::<T::Native>()))
    }
}
