//! The mean of ticks, to the tick: DataFusion's own goes through a double, which cannot hold a
//! datetime.

use std::{
    mem::size_of_val,
    sync::{Arc, LazyLock},
};

use arrow::{
    array::{Array, ArrayRef, Decimal128Array, Int64Array},
    datatypes::{DataType, Field, FieldRef},
};
use datafusion_common::{Result, ScalarValue, exec_datafusion_err};
use datafusion_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, Signature, Volatility,
    function::{AccumulatorArgs, StateFieldsArgs},
};

/// Returns the aggregate function: ticks to their mean, null of none; null is left out.
pub(super) fn tick_mean() -> Arc<AggregateUDF> {
    static FUNCTION: LazyLock<Arc<AggregateUDF>> = LazyLock::new(|| {
        let signature = Signature::exact(vec![DataType::Int64], Volatility::Immutable);
        Arc::new(AggregateUDF::new_from_impl(TickMean { signature }))
    });
    Arc::clone(&FUNCTION)
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct TickMean {
    signature: Signature,
}

/// Digits that a sum may have.
const DIGITS: u8 = 38;

impl AggregateUDFImpl for TickMean {
    fn name(&self) -> &'static str {
        "kql_tick_mean"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn accumulator(&self, _args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Sum::default()))
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let sum = Field::new(format!("{}[sum]", args.name), DataType::Decimal128(DIGITS, 0), true);
        let count = Field::new(format!("{}[count]", args.name), DataType::Int64, true);
        Ok(vec![Arc::new(sum), Arc::new(count)])
    }
}

/// The sum so far, and of how many.
#[derive(Debug, Default)]
struct Sum {
    sum: i128,
    count: i64,
}

impl Accumulator for Sum {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        for ticks in values {
            for ticks in downcast::<Int64Array>(ticks)?.iter().flatten() {
                self.sum = self.sum.saturating_add(ticks.into());
                self.count = self.count.saturating_add(1);
            }
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let mean = self.sum.checked_div(self.count.into()).and_then(|mean| mean.try_into().ok());
        Ok(ScalarValue::Int64(mean))
    }

    fn size(&self) -> usize {
        size_of_val(self)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let sum = ScalarValue::Decimal128(Some(self.sum), DIGITS, 0);
        Ok(vec![sum, ScalarValue::Int64(Some(self.count))])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let [sums, counts] = states else {
            return Err(exec_datafusion_err!("{} states of a mean", states.len()));
        };
        for sum in downcast::<Decimal128Array>(sums)?.iter().flatten() {
            self.sum = self.sum.saturating_add(sum);
        }
        for count in downcast::<Int64Array>(counts)?.iter().flatten() {
            self.count = self.count.saturating_add(count);
        }
        Ok(())
    }
}

fn downcast<A: Array + 'static>(array: &ArrayRef) -> Result<&A> {
    let found = array.as_any().downcast_ref::<A>();
    found.ok_or_else(|| exec_datafusion_err!("values of type {}", array.data_type()))
}
