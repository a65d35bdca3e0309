//! Messages in a stream: each behind its length, or each a line.
//!
//! Source: RFC 6587, section 3.4. Which of the two a sender uses shows with each message: one behind its length
//! starts with a digit, one in a line with `<`.

use std::io;

/// Bytes of a message.
const MOST_BYTES: usize = 1 << 20;
/// Digits of a message's length.
const MOST_DIGITS: usize = 7;

/// What has been received and not taken out.
#[derive(Debug, Default)]
pub(super) struct Frames {
    bytes: Vec<u8>,
}

impl Frames {
    /// Adds what has been received.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Takes the next whole message out.
    ///
    /// - `is_end`: nothing more will be received; the last line needs no end.
    ///
    /// # Errors
    ///
    /// If nobody can tell where a message ends: the connection is of no use any more.
    pub(super) fn next(&mut self, is_end: bool) -> io::Result<Option<Vec<u8>>> {
        let blank = self.bytes.iter().take_while(|byte| matches!(byte, b'\n' | b'\r' | 0)).count();
        self.bytes.drain(..blank);
        match self.bytes.first() {
            None => Ok(None),
            Some(b'1'..=b'9') => self.counted(is_end),
            Some(_) => self.line(is_end),
        }
    }

    fn counted(&mut self, is_end: bool) -> io::Result<Option<Vec<u8>>> {
        let wrong = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
        let digits = self.bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits > MOST_DIGITS {
            return Err(wrong("the length of a message is not one"));
        }
        let start = match self.bytes.get(digits) {
            Some(b' ') => digits.saturating_add(1),
            Some(_) => return Err(wrong("a message has neither a length nor a priority")),
            None if is_end => return Err(io::ErrorKind::UnexpectedEof.into()),
            None => return Ok(None),
        };
        let len = self.bytes.get(..digits).and_then(|digits| str::from_utf8(digits).ok());
        let len: Option<usize> = len.and_then(|len| len.parse().ok());
        let len =
            len.filter(|len| *len <= MOST_BYTES).ok_or_else(|| wrong("a message is too long"))?;
        let end = start.saturating_add(len);
        let Some(message) = self.bytes.get(start..end).map(<[u8]>::to_vec) else {
            return if is_end { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(None) };
        };
        self.bytes.drain(..end);
        Ok(Some(message))
    }

    fn line(&mut self, is_end: bool) -> io::Result<Option<Vec<u8>>> {
        let end = memchr::memchr2(b'\n', 0, &self.bytes);
        let end = end.or(is_end.then_some(self.bytes.len()));
        match end {
            Some(end) => {
                let message = self.bytes.drain(..end).collect();
                Ok(Some(message))
            }
            None if self.bytes.len() > MOST_BYTES => {
                Err(io::Error::new(io::ErrorKind::InvalidData, "a message is too long"))
            }
            None => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the messages of a stream that is received in steps of so many bytes.
    fn messages(stream: &[u8], step: usize) -> io::Result<Vec<String>> {
        let mut frames = Frames::default();
        let mut found = Vec::new();
        for (bytes, is_end) in stream.chunks(step).map(|it| (it, false)).chain([(&b""[..], true)]) {
            frames.add(bytes);
            while let Some(message) = frames.next(is_end)? {
                found.push(String::from_utf8(message).unwrap());
            }
        }
        Ok(found)
    }

    #[test]
    fn both_kinds_of_framing_are_told_apart_message_by_message() {
        let stream = b"11 <1>1 a\nb 1x<2>two\r\n\n10 <3>1234567<4>end";
        for step in 1..stream.len() {
            let found = messages(stream, step).unwrap();
            assert_eq!(found, ["<1>1 a\nb 1x", "<2>two\r", "<3>1234567", "<4>end"], "{step}");
        }
    }

    #[test]
    fn what_is_no_framing_ends_the_connection() {
        for stream in ["12", "12x", "123456789 a", "9999999 a", "5 abc"] {
            assert!(messages(stream.as_bytes(), 3).is_err(), "{stream}");
        }
        assert!(messages(&[b'<'; 16].repeat(MOST_BYTES / 8), 1 << 16).is_err());
    }
}
