//! `parse_path`

use kql_types::dynamic;

use super::{Example, Kernel, Returns, ScalarFunction, columns::written, url::is_scheme};

pub(super) const PARSE_PATH: ScalarFunction = ScalarFunction {
    name: "parse_path",
    summary: "Returns the parts of a path of Windows or Unix, or of a file's URL.",
    source: "https://learn.microsoft.com/kusto/query/parse-path-function",
    examples: &[
        Example::new(r"parse_path(@'C:\temp\file.txt').DirectoryPath", r"C:\temp"),
        Example::new(r"parse_path(@'\\srv\ADMIN$\a.exe').Filename", "a.exe"),
        Example::new("parse_path('/usr/lib/x.tar.gz').Extension", "gz"),
    ],
    lower: |call| Some(call.apply(&PARTS)),
};

pub(super) static PARTS: Kernel = Kernel {
    name: "kql_parse_path",
    returns: Returns::Text,
    eval: |args| {
        let texts = args.text(0)?;
        written(args.rows(), |row, out| {
            Path::parse(texts.str(row)).write(out);
            Ok(Some(()))
        })
    },
};

/// The parts of a path, as they stand in it.
#[derive(Debug, PartialEq, Eq)]
struct Path<'a> {
    scheme: &'a str,
    root: &'a str,
    directory: &'a str,
    directory_name: &'a str,
    filename: &'a str,
    extension: &'a str,
    stream: &'a str,
}

impl<'a> Path<'a> {
    /// Splits a path.
    ///
    /// Source: measured; that a file in a drive's root has the drive as its directory is inferred.
    fn parse(text: &'a str) -> Self {
        let (scheme, path) = match text.split_once("://") {
            Some((scheme, path)) if is_scheme(scheme) => (scheme, path),
            _ => ("", text),
        };
        let (directory, file) = path.rsplit_once(is_separator).unwrap_or(("", path));
        let (filename, stream) = file.split_once(':').unwrap_or((file, ""));
        let (_, directory_name) = directory.rsplit_once(is_separator).unwrap_or(("", directory));
        Self {
            scheme,
            root: root(path),
            directory,
            directory_name,
            filename,
            extension: filename.rsplit_once('.').map_or("", |(_, extension)| extension),
            stream,
        }
    }

    fn write(&self, out: &mut String) {
        let parts = [
            ("Scheme", self.scheme),
            ("RootPath", self.root),
            ("DirectoryPath", self.directory),
            ("DirectoryName", self.directory_name),
            ("Filename", self.filename),
            ("Extension", self.extension),
            ("AlternateDataStreamName", self.stream),
        ];
        out.push('{');
        for (number, (name, value)) in parts.into_iter().enumerate() {
            if number > 0 {
                out.push(',');
            }
            dynamic::quote(name, out);
            out.push(':');
            dynamic::quote(value, out);
        }
        out.push('}');
    }
}

const fn is_separator(char: char) -> bool {
    matches!(char, '\\' | '/')
}

/// Returns the drive that a path begins with, and the separator behind it.
fn root(path: &str) -> &str {
    let mut bytes = path.bytes();
    let is_drive = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic())
        && bytes.next() == Some(b':')
        && bytes.next().is_some_and(|byte| is_separator(byte.into()));
    if is_drive { path.get(..3).unwrap_or_default() } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_paths_of_every_kind() {
        let path = Path::parse("file://C:/temp/file.txt:some.exe");
        let expected = Path {
            scheme: "file",
            root: "C:/",
            directory: "C:/temp",
            directory_name: "temp",
            filename: "file.txt",
            extension: "txt",
            stream: "some.exe",
        };
        assert_eq!(path, expected);
        assert_eq!(Path::parse("file.txt").directory, "");
        assert_eq!(Path::parse("").filename, "");
        assert_eq!(Path::parse("/usr/lib/temp/").filename, "");
    }
}
