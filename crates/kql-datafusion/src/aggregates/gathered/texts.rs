//! Texts of a group in the order in which they come, in little more memory than they have bytes.
//!
//! They stand in one block that becomes the list's without being copied. What makes JSON of the list
//! afterwards is counted beforehand: nobody asks for that memory then.

use std::{
    hash::BuildHasher,
    mem::{size_of, take},
    sync::Arc,
};

use arrow::{
    array::{Array, BooleanBufferBuilder, LargeStringArray, ListArray, StringViewArray, make_view},
    buffer::{Buffer, NullBuffer, OffsetBuffer},
    datatypes::{DataType, Field},
};
use datafusion_common::{Result, ScalarValue, exec_datafusion_err};
use hashbrown::{DefaultHashBuilder, HashTable};

/// What making JSON of a list takes for each text beside its bytes: a view, a comma, and in a set a
/// place among the known.
const JSON_BYTES: usize = 64;

/// How many copies of the texts there are meanwhile, beside themselves.
const COPIES: usize = 2;

/// Texts in one block.
#[derive(Debug, Default)]
pub(in crate::aggregates) struct Texts {
    block: Vec<u8>,
    /// Where each text ends.
    ends: Vec<u32>,
    /// Which texts are there, once one is not.
    present: Option<BooleanBufferBuilder>,
}

impl Texts {
    pub(in crate::aggregates) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Adds a text, or null.
    ///
    /// # Errors
    ///
    /// If the texts become more than a list holds.
    pub(in crate::aggregates) fn push(&mut self, text: Option<&str>) -> Result<()> {
        if text.is_none() && self.present.is_none() {
            let mut present = BooleanBufferBuilder::new(self.len());
            present.append_n(self.len(), true);
            self.present = Some(present);
        }
        if let Some(present) = &mut self.present {
            present.append(text.is_some());
        }
        let bytes = text.unwrap_or_default().as_bytes();
        let end = self.block.len().saturating_add(bytes.len());
        // A view's length is signed, its place is not.
        if i32::try_from(end).is_err() {
            return Err(exec_datafusion_err!("a list of more than 2 GiB: give it a maximal size"));
        }
        self.block.extend_from_slice(bytes);
        self.ends.push(u32::try_from(end).unwrap_or(u32::MAX));
        Ok(())
    }

    fn range(&self, index: usize) -> (usize, usize) {
        let end = |index: usize| self.ends.get(index).map_or(0, |end| *end as usize);
        (index.checked_sub(1).map_or(0, end), end(index))
    }

    fn get(&self, index: usize) -> &[u8] {
        let (start, end) = self.range(index);
        self.block.get(start..end).unwrap_or_default()
    }

    /// Returns the bytes that the texts take.
    pub(in crate::aggregates) fn size(&self) -> usize {
        let ends = self.ends.capacity().saturating_mul(size_of::<u32>());
        self.block.capacity().saturating_add(ends)
    }

    /// Returns the bytes that making JSON of them takes beside, or making states of all groups, which are
    /// put together and then sorted.
    pub(in crate::aggregates) fn json_size(&self) -> usize {
        let copies = self.block.len().saturating_mul(COPIES);
        self.len().saturating_mul(JSON_BYTES).saturating_add(copies)
    }

    /// Returns the texts as one list and forgets them.
    ///
    /// # Errors
    ///
    /// Never: the views are those of the block, which is text.
    pub(in crate::aggregates) fn take_list(&mut self) -> Result<ScalarValue> {
        let view = |index: usize| {
            let start = u32::try_from(self.range(index).0).unwrap_or(u32::MAX);
            make_view(self.get(index), 0, start)
        };
        let views: Vec<u128> = (0..self.len()).map(view).collect();
        self.ends = Vec::new();
        let block = Buffer::from_vec(take(&mut self.block));
        list_of(StringViewArray::try_new(views.into(), vec![block], self.take_nulls())?)
    }

    /// Returns the texts as the state of an accumulator, of [`state_type`], and forgets them.
    ///
    /// # Errors
    ///
    /// Never: the ends are those of texts in the block.
    pub(in crate::aggregates) fn take_state(&mut self) -> Result<ScalarValue> {
        let ends = take(&mut self.ends);
        let ends = std::iter::once(0).chain(ends.into_iter().map(i64::from));
        let offsets = OffsetBuffer::new(ends.collect::<Vec<_>>().into());
        let block = Buffer::from_vec(take(&mut self.block));
        list_of(LargeStringArray::try_new(offsets, block, self.take_nulls())?)
    }

    fn take_nulls(&mut self) -> Option<NullBuffer> {
        self.present.take().map(|mut present| NullBuffer::new(present.finish()))
    }
}

fn list_of(texts: impl Array + 'static) -> Result<ScalarValue> {
    let field = Arc::new(Field::new_list_field(texts.data_type().clone(), true));
    let offsets = OffsetBuffer::from_lengths([texts.len()]);
    Ok(ScalarValue::List(Arc::new(ListArray::try_new(field, offsets, Arc::new(texts), None)?)))
}

/// Returns the type of the states that [`Texts::take_state`] makes.
///
/// No views: rows of a state go to disk a few at a time, and each of them would take all there is in
/// the block of its views along.
pub(in crate::aggregates) fn state_type() -> DataType {
    DataType::new_list(DataType::LargeUtf8, true)
}

/// Returns the texts of an argument, or of one group in states.
///
/// # Errors
///
/// If they are of no type that either has.
pub(in crate::aggregates) fn texts_of(
    array: &dyn Array,
) -> Result<Box<dyn Iterator<Item = Option<&str>> + '_>> {
    if let Some(texts) = array.as_any().downcast_ref::<StringViewArray>() {
        return Ok(Box::new(texts.iter()));
    }
    let texts = array.as_any().downcast_ref::<LargeStringArray>();
    let texts = texts.ok_or_else(|| exec_datafusion_err!("texts of type {}", array.data_type()))?;
    Ok(Box::new(texts.iter()))
}

/// The places of different texts among [`Texts`].
#[derive(Debug, Default)]
pub(in crate::aggregates) struct Known {
    table: HashTable<u32>,
    /// Its keys are random: logs are not to choose which texts fall into one place.
    hasher: DefaultHashBuilder,
}

impl Known {
    /// Takes a text that is not among the texts as the next of them; tells whether it is new.
    pub(in crate::aggregates) fn insert(&mut self, text: &str, texts: &Texts) -> bool {
        let Self { table, hasher } = self;
        let text = text.as_bytes();
        let hash_of = |index: &u32| hasher.hash_one(texts.get(*index as usize));
        let is_same = |index: &u32| texts.get(*index as usize) == text;
        let hash = hasher.hash_one(text);
        if table.find(hash, is_same).is_some() {
            return false;
        }
        let index = u32::try_from(texts.len()).unwrap_or(u32::MAX);
        table.insert_unique(hash, index, hash_of);
        true
    }

    pub(in crate::aggregates) fn size(&self) -> usize {
        self.table.allocation_size()
    }
}
