//! Chunks and binary XML made by hand.

const CHUNK: usize = 65536;
const FIRST_RECORD: usize = 512;
const RECORD_HEADER: usize = 24;

/// A chunk under construction; it carries no checksums.
pub(crate) struct Chunk {
    bytes: Vec<u8>,
    ids: u64,
}

/// Binary XML that knows where in the chunk it will stand.
pub(crate) struct BinXml {
    /// Where the stream starts.
    start: usize,
    pub(crate) bytes: Vec<u8>,
    in_template: bool,
}

/// Returns a file of these chunks.
pub(crate) fn file(chunks: Vec<Chunk>) -> Vec<u8> {
    let mut bytes = vec![0; 4096];
    bytes[..8].copy_from_slice(b"ElfFile\0");
    bytes[42..44].copy_from_slice(&u16::try_from(chunks.len()).unwrap().to_le_bytes());
    bytes[120] = 4;
    for chunk in chunks {
        bytes.extend(chunk.finish());
    }
    bytes
}

impl Chunk {
    pub(crate) fn new() -> Self {
        Self { bytes: vec![0; FIRST_RECORD], ids: 0 }
    }

    /// Adds a record with the binary XML that `write` writes.
    pub(crate) fn record(mut self, write: impl FnOnce(&mut BinXml)) -> Self {
        let start = self.bytes.len();
        let mut content = BinXml::new(start + RECORD_HEADER, false);
        write(&mut content);
        let len = u32::try_from(RECORD_HEADER + content.bytes.len() + 4).unwrap();
        self.ids += 1;
        self.bytes.extend([0x2a, 0x2a, 0, 0]);
        self.bytes.extend(len.to_le_bytes());
        self.bytes.extend(self.ids.to_le_bytes());
        self.bytes.extend(132_634_716_323_423_972_u64.to_le_bytes());
        self.bytes.extend(content.bytes);
        self.bytes.extend(len.to_le_bytes());
        self
    }

    fn finish(mut self) -> Vec<u8> {
        let end = u32::try_from(self.bytes.len()).unwrap();
        assert!(self.bytes.len() <= CHUNK, "records do not fit in a chunk");
        self.bytes.resize(CHUNK, 0);
        self.bytes[..8].copy_from_slice(b"ElfChnk\0");
        self.bytes[24..32].copy_from_slice(&1_u64.to_le_bytes());
        self.bytes[32..40].copy_from_slice(&u64::MAX.to_le_bytes());
        self.bytes[44..48].copy_from_slice(&end.to_le_bytes());
        self.bytes[48..52].copy_from_slice(&end.to_le_bytes());
        self.bytes[120] = 4;
        self.bytes
    }
}

impl BinXml {
    pub(crate) fn new(start: usize, in_template: bool) -> Self {
        Self { start, bytes: vec![0x0f, 1, 1, 0], in_template }
    }

    /// Where the next byte will stand in the chunk.
    pub(crate) fn at(&self) -> usize {
        self.start + self.bytes.len()
    }

    fn offset(&mut self, offset: usize) {
        self.bytes.extend(u32::try_from(offset).unwrap().to_le_bytes());
    }

    /// Writes a name where it is used.
    fn name(&mut self, name: &str) {
        let at = self.at() + 4;
        self.offset(at);
        self.bytes.extend([0; 6]);
        self.bytes.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        self.bytes.extend(name.encode_utf16().flat_map(u16::to_le_bytes));
        self.bytes.extend([0; 2]);
    }

    /// Starts an element without attributes.
    pub(crate) fn open(&mut self, name: &str) {
        self.start_of(name, &[]);
        self.bytes.push(0x02);
    }

    /// Ends an element.
    pub(crate) fn close(&mut self) {
        self.bytes.push(0x04);
    }

    /// Ends the stream.
    pub(crate) fn end(&mut self) {
        self.bytes.push(0);
    }

    /// Writes an element with literal attributes.
    pub(crate) fn element(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        within: impl FnOnce(&mut Self),
    ) {
        self.start_of(name, attributes);
        self.bytes.push(0x02);
        within(self);
        self.close();
    }

    /// Writes an element whose attributes are values.
    pub(crate) fn element_of_values(
        &mut self,
        name: &str,
        attributes: &[(&str, u16)],
        within: impl FnOnce(&mut Self),
    ) {
        self.start_tag(name, !attributes.is_empty());
        for (name, slot) in attributes {
            self.bytes.push(0x06);
            self.name(name);
            self.slot(*slot);
        }
        self.bytes.push(0x02);
        within(self);
        self.close();
    }

    fn start_of(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.start_tag(name, !attributes.is_empty());
        for (name, value) in attributes {
            self.bytes.push(0x06);
            self.name(name);
            self.text(value);
        }
    }

    fn start_tag(&mut self, name: &str, has_attributes: bool) {
        self.bytes.push(if has_attributes { 0x41 } else { 0x01 });
        if self.in_template {
            self.bytes.extend([0xff, 0xff]);
        }
        self.bytes.extend([0; 4]);
        self.name(name);
        if has_attributes {
            self.bytes.extend([0; 4]);
        }
    }

    /// Writes literal text.
    pub(crate) fn text(&mut self, text: &str) {
        self.bytes.extend([0x05, 0x01]);
        self.bytes.extend(u16::try_from(text.len()).unwrap().to_le_bytes());
        self.bytes.extend(wide(text));
    }

    /// Writes the place of a value.
    pub(crate) fn slot(&mut self, id: u16) {
        self.bytes.push(0x0d);
        self.bytes.extend(id.to_le_bytes());
        self.bytes.push(0x01);
    }

    /// Writes an instance of a template that is defined in it, and returns where the definition
    /// is.
    pub(crate) fn define(
        &mut self,
        guid: u8,
        template: impl FnOnce(&mut Self),
        values: &[(u8, Vec<u8>)],
    ) -> usize {
        self.bytes.extend([0x0c, 1, guid, 0, 0, 0]);
        let definition = self.at() + 4;
        self.offset(definition);
        let mut body = Self::new(definition + 24, true);
        template(&mut body);
        body.end();
        self.bytes.extend([0; 4]);
        self.bytes.extend([guid; 16]);
        self.offset(body.bytes.len());
        self.bytes.extend(body.bytes);
        self.values(values);
        definition
    }

    /// Writes an instance of a template that is defined elsewhere.
    pub(crate) fn instance(&mut self, definition: usize, values: &[(u8, Vec<u8>)]) {
        self.bytes.extend([0x0c, 1, 0, 0, 0, 0]);
        self.offset(definition);
        self.values(values);
    }

    fn values(&mut self, values: &[(u8, Vec<u8>)]) {
        self.offset(values.len());
        for (ty, value) in values {
            self.bytes.extend(u16::try_from(value.len()).unwrap().to_le_bytes());
            self.bytes.extend([*ty, 0]);
        }
        for (_, value) in values {
            self.bytes.extend(value);
        }
    }
}

/// Returns text as UTF-16.
pub(crate) fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}
