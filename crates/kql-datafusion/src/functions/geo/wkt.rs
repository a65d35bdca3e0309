//! `geo_from_wkt`

use super::{Example, Kernel, Returns, ScalarFunction, columns::written, json::write_position};

pub(super) const FROM_WKT: ScalarFunction = ScalarFunction {
    name: "geo_from_wkt",
    summary: "Returns a shape in well-known text as `GeoJSON`.",
    source: "https://learn.microsoft.com/kusto/query/geo-from-wkt-function",
    examples: &[
        Example::new("geo_from_wkt('POINT (1 2)')", r#"{"type":"Point","coordinates":[1.0,2.0]}"#),
        Example::new(
            "geo_from_wkt('MULTILINESTRING ((1 1, 2 2), (3 3, 4 4))')",
            r#"{"type":"MultiLineString","coordinates":[[[1.0,1.0],[2.0,2.0]],[[3.0,3.0],[4.0,4.0]]]}"#,
        ),
        Example::new("isnull(geo_from_wkt('LINESTRING'))", "True"),
    ],
    lower: |call| {
        // An array of texts is documented, and not what it gives.
        (call.arg_type(0)? == kql_types::KqlType::String).then(|| call.apply(&CONVERT))
    },
};

pub(super) static CONVERT: Kernel = Kernel {
    name: "kql_geo_from_wkt",
    returns: Returns::Text,
    eval: |args| {
        let texts = args.text(0)?;
        written(args.rows(), |row, out| {
            let mut reader = Reader { rest: texts.str(row) };
            let shape = reader.shape(out).filter(|()| reader.rest.trim_ascii().is_empty());
            Ok(shape)
        })
    },
};

/// How deep the lists of a kind's places are.
const KINDS: [(&str, &str, usize); 6] = [
    ("POINT", "Point", 0),
    ("LINESTRING", "LineString", 1),
    ("POLYGON", "Polygon", 2),
    ("MULTIPOINT", "MultiPoint", 1),
    ("MULTILINESTRING", "MultiLineString", 2),
    ("MULTIPOLYGON", "MultiPolygon", 3),
];

/// A text that is read from its start.
struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn shape(&mut self, out: &mut String) -> Option<()> {
        let text = self.rest.trim_ascii_start();
        let length = text.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (word, rest) = text.split_at_checked(length)?;
        let word = word.to_ascii_uppercase();
        self.rest = rest;
        if word == "GEOMETRYCOLLECTION" {
            out.push_str(r#"{"type":"GeometryCollection","geometries":"#);
            self.list(out, Self::shape)?;
        } else {
            let (_, name, depth) = KINDS.into_iter().find(|(known, ..)| *known == word)?;
            out.push_str(r#"{"type":""#);
            out.push_str(name);
            out.push_str(r#"","coordinates":"#);
            if depth == 0 {
                self.take('(')?;
                self.place(out)?;
                self.take(')')?;
            } else {
                self.places(depth, word == "MULTIPOINT", out)?;
            }
        }
        out.push('}');
        Some(())
    }

    fn places(&mut self, depth: usize, may_be_wrapped: bool, out: &mut String) -> Option<()> {
        match depth.checked_sub(1) {
            None if may_be_wrapped && self.take('(').is_some() => {
                self.place(out)?;
                self.take(')')
            }
            None => self.place(out),
            Some(depth) => self.list(out, |it, out| it.places(depth, may_be_wrapped, out)),
        }
    }

    fn list(
        &mut self,
        out: &mut String,
        mut item: impl FnMut(&mut Self, &mut String) -> Option<()>,
    ) -> Option<()> {
        self.take('(')?;
        out.push('[');
        item(self, out)?;
        while self.take(',').is_some() {
            out.push(',');
            item(self, out)?;
        }
        out.push(']');
        self.take(')')
    }

    fn place(&mut self, out: &mut String) -> Option<()> {
        let (longitude, latitude) = (self.number()?, self.number()?);
        write_position(longitude, latitude, out);
        Some(())
    }

    fn number(&mut self) -> Option<f64> {
        let text = self.rest.trim_ascii_start();
        let is_part = |it: &u8| matches!(it, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
        let (number, rest) = text.split_at_checked(text.bytes().take_while(is_part).count())?;
        self.rest = rest;
        number.parse().ok()
    }

    fn take(&mut self, mark: char) -> Option<()> {
        self.rest = self.rest.trim_ascii_start().strip_prefix(mark)?;
        Some(())
    }
}
