//! Shapes as the kernels of this group take them: parsed once where they are constant.

use std::sync::Arc;

use arrow::array::StringViewArray;
use datafusion_common::Result;

use super::{
    super::Operand,
    Args,
    json::is_place,
    plane::{Lines, Polygons, Vector, lines, polygons},
};

/// An argument of shapes.
pub(super) struct Shapes<T> {
    texts: Operand<StringViewArray>,
    constant: Option<Arc<Option<Arc<T>>>>,
    read: fn(&str) -> Option<T>,
}

impl<T: Send + Sync + 'static> Shapes<T> {
    pub(super) fn new(args: &Args<'_>, at: usize, read: fn(&str) -> Option<T>) -> Result<Self> {
        let texts = args.text(at)?;
        let constant = args.prepared(&[at], || Ok(texts.get(0).and_then(read).map(Arc::new)))?;
        Ok(Self { texts, constant, read })
    }

    /// Returns the shape of a row; `None` if it is null or none.
    pub(super) fn get(&self, row: usize) -> Option<Arc<T>> {
        match &self.constant {
            Some(constant) => constant.as_ref().clone(),
            None => self.texts.get(row).and_then(self.read).map(Arc::new),
        }
    }
}

/// Returns an argument of lines.
pub(super) fn lines_at(args: &Args<'_>, at: usize) -> Result<Shapes<Lines>> {
    Shapes::new(args, at, lines)
}

/// Returns an argument of polygons.
pub(super) fn polygons_at(args: &Args<'_>, at: usize) -> Result<Shapes<Polygons>> {
    Shapes::new(args, at, polygons)
}

/// Returns the place of a row whose longitude and latitude are arguments.
pub(super) fn place(longitude: Option<f64>, latitude: Option<f64>) -> Option<Vector> {
    let (longitude, latitude) = longitude.zip(latitude)?;
    is_place(longitude, latitude).then(|| Vector::of_degrees(longitude, latitude))
}
