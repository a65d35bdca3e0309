//! The schema of dynamics: which types stand where.
//!
//! The schema of one value is a dynamic itself, so that many values of one shape count once.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::{Array, StringViewArray};
use datafusion_common::exec_datafusion_err;
use kql_types::dynamic::{self, Kind};

use super::{Kernel, Returns, columns::written};

/// A dynamic's own schema.
pub(crate) static SHAPE: Kernel = Kernel {
    name: "kql_shape",
    returns: Returns::Text,
    eval: |args| {
        let json = args.text(0)?;
        written(args.rows(), |row, out| {
            let Some(json) = json.get(row) else { return Ok(None) };
            let mut shape = Shape::default();
            shape.admit(json);
            shape.write(out);
            Ok(Some(()))
        })
    },
};

/// The schema that admits all of a list of schemas; null of none.
pub(crate) static SCHEMA: Kernel = Kernel {
    name: "kql_schema",
    returns: Returns::Text,
    eval: |args| {
        let lists = args.list(0)?;
        written(args.rows(), |row, out| {
            let Some(shapes) = lists.get(row) else { return Ok(None) };
            let shapes = shapes
                .as_any()
                .downcast_ref::<StringViewArray>()
                .ok_or_else(|| exec_datafusion_err!("a list of {}", shapes.data_type()))?;
            let mut schema = Shape::default();
            for shape in shapes.iter().flatten() {
                schema.merge(shape);
            }
            if schema.is_empty() {
                return Ok(None);
            }
            schema.write(out);
            Ok(Some(()))
        })
    },
};

/// What the elements of arrays are filed under.
const INDEXER: &str = "`indexer`";

/// The types that a place admits.
#[derive(Default)]
struct Shape {
    types: BTreeSet<String>,
    /// Of bags the properties, of arrays their elements.
    container: Option<BTreeMap<String, Shape>>,
}

impl Shape {
    fn is_empty(&self) -> bool {
        self.types.is_empty() && self.container.is_none()
    }

    /// Adds the type of a value.
    fn admit(&mut self, json: &str) {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || match dynamic::kind(json) {
            Kind::Bag => {
                for (key, value) in dynamic::entries(json) {
                    self.property(&dynamic::unquote(key)).admit(value);
                }
                self.container.get_or_insert_default();
            }
            Kind::Array => {
                for element in dynamic::elements(json) {
                    self.property(INDEXER).admit(element);
                }
                self.container.get_or_insert_default();
            }
            kind => {
                self.types.insert(kind.gettype().to_owned());
            }
        });
    }

    /// Adds the types of a schema that [`Shape::write`] wrote.
    fn merge(&mut self, shape: &str) {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || match dynamic::kind(shape) {
            Kind::Bag => {
                for (key, value) in dynamic::entries(shape) {
                    self.property(&dynamic::unquote(key)).merge(value);
                }
                self.container.get_or_insert_default();
            }
            Kind::Array => dynamic::elements(shape).for_each(|it| self.merge(it)),
            _ => {
                self.types.insert(dynamic::unquote(shape).into_owned());
            }
        });
    }

    fn property(&mut self, name: &str) -> &mut Self {
        self.container.get_or_insert_default().entry(name.to_owned()).or_default()
    }

    /// Writes one type as it is, several as an array: bags and arrays first, the rest by name.
    ///
    /// Source: measured for `[{…}, "double"]` and `["long", "string"]`.
    fn write(&self, out: &mut String) {
        let several = self.types.len().saturating_add(usize::from(self.container.is_some())) > 1;
        if several {
            out.push('[');
        }
        let mut is_first = true;
        if let Some(properties) = &self.container {
            is_first = false;
            out.push('{');
            for (number, (name, shape)) in properties.iter().enumerate() {
                if number > 0 {
                    out.push(',');
                }
                dynamic::quote(name, out);
                out.push(':');
                stacker::maybe_grow(64 * 1024, 1024 * 1024, || shape.write(out));
            }
            out.push('}');
        }
        for name in &self.types {
            if !std::mem::take(&mut is_first) {
                out.push(',');
            }
            dynamic::quote(name, out);
        }
        if several {
            out.push(']');
        }
    }
}
