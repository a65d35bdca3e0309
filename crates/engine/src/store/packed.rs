//! Stored columns as one row of an Arrow table: what repeats itself in memory repeats itself on disk no
//! more often, and is read back as it was.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, ListArray, StructArray, UInt16Array},
    buffer::OffsetBuffer,
    compute::cast,
    datatypes::{DataType, Field, Fields, UInt16Type},
    error::ArrowError,
};

use super::column::StoredColumn;

/// Returns the type of a packed column whose values have the given type: the values that are there, and for
/// each row which of them it has, unless each has its own or all have the same.
pub(super) fn packed_type(values: &DataType) -> DataType {
    DataType::Struct(fields(values))
}

fn fields(values: &DataType) -> Fields {
    let list = |name: &str, of: DataType| Field::new(name, DataType::List(item(of)), false);
    Fields::from(vec![list("values", values.clone()), list("numbers", DataType::UInt16)])
}

fn item(of: DataType) -> Arc<Field> {
    Arc::new(Field::new("item", of, true))
}

/// Returns a column as one row.
pub(super) fn pack(column: &StoredColumn) -> Result<ArrayRef, ArrowError> {
    let none = || Arc::new(UInt16Array::from(Vec::<u16>::new()));
    let (values, numbers): (_, ArrayRef) = match column {
        StoredColumn::Plain(values) | StoredColumn::Constant { value: values, .. } => {
            (values, none())
        }
        StoredColumn::Texts { texts, numbers } => (texts, cast(numbers, &DataType::UInt16)?),
    };
    let list = |values: ArrayRef| -> Result<ArrayRef, ArrowError> {
        let offsets = OffsetBuffer::from_lengths([values.len()]);
        let item = item(values.data_type().clone());
        Ok(Arc::new(ListArray::try_new(item, offsets, values, None)?))
    };
    let columns = vec![list(Arc::clone(values))?, list(numbers)?];
    Ok(Arc::new(StructArray::try_new(fields(values.data_type()), columns, None)?))
}

/// Returns the column that one row was made of.
///
/// - `rows`: how many rows the column has.
pub(super) fn unpack(packed: &dyn Array, rows: usize) -> Result<StoredColumn, ArrowError> {
    let wrong = || ArrowError::IpcError("a column on disk is none that was written".into());
    let row = packed.as_struct_opt().filter(|row| row.len() == 1).ok_or_else(wrong)?;
    let [values, numbers] = row.columns() else { return Err(wrong()) };
    let list = |column: &ArrayRef| Some(column.as_list_opt::<i32>()?.value(0));
    let (values, numbers) = (list(values).ok_or_else(wrong)?, list(numbers).ok_or_else(wrong)?);
    let numbers = numbers.as_primitive_opt::<UInt16Type>().ok_or_else(wrong)?;
    let column = match (values.len(), numbers.len()) {
        (1, 0) => StoredColumn::Constant { value: values, rows },
        (_, 0) => StoredColumn::Plain(values),
        _ => StoredColumn::of_texts(values, numbers.clone())?,
    };
    if column.len() == rows { Ok(column) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use arrow::array::{Int64Array, StringViewArray, new_empty_array};

    use super::*;

    #[test]
    fn columns_of_all_kinds_are_as_they_were() {
        let texts = |texts: &[Option<&str>]| -> ArrayRef {
            Arc::new(texts.iter().copied().collect::<StringViewArray>())
        };
        let numbers = |numbers: &[Option<u16>]| numbers.iter().copied().collect::<UInt16Array>();
        let long = "a text that is longer than a view";
        let columns = [
            StoredColumn::Plain(Arc::new(Int64Array::from(vec![Some(3), None, Some(-4)]))),
            StoredColumn::of(Arc::new(Int64Array::from(vec![Some(7); 5]))).unwrap(),
            StoredColumn::Plain(texts(&[Some("one"), Some(long), None])),
            StoredColumn::of_texts(
                texts(&[Some("a"), Some(long)]),
                numbers(&[Some(1), None, Some(0), Some(1)]),
            )
            .unwrap(),
            StoredColumn::of_texts(texts(&[Some(long)]), numbers(&[Some(0), Some(0)])).unwrap(),
            StoredColumn::of_texts(texts(&[Some("a")]), numbers(&[None, Some(0)])).unwrap(),
            StoredColumn::of_texts(texts(&[]), numbers(&[None, None])).unwrap(),
            StoredColumn::Plain(new_empty_array(&DataType::Utf8View)),
        ];
        for column in columns {
            let packed = pack(&column).unwrap();
            assert_eq!(*packed.data_type(), packed_type(&column.data_type()));
            let found = unpack(&packed, column.len()).unwrap();
            assert_eq!(&*found.values().unwrap(), &*column.values().unwrap());
        }
    }

    #[test]
    fn a_column_of_another_length_is_an_error() {
        let column = StoredColumn::Plain(Arc::new(Int64Array::from(vec![1, 2, 3])));
        assert!(unpack(&pack(&column).unwrap(), 4).is_err());
        assert!(unpack(&Int64Array::from(vec![1]), 1).is_err());
    }
}
