//! Follows `mod` declarations from each target's root file, as the compiler does.
//!
//! Knows `mod name;`, `#[path = "…"]` and modules inside inline modules. A `mod` that a macro
//! writes is not seen; the project has none.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};
use syn::{Attribute, Expr, ExprLit, ItemMod, Lit, Meta};

use super::source_file::SourceFile;

/// How the compiler gets to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// Only in a test or bench target, or below a `#[cfg(test)] mod`.
    TestsOnly,
    /// In what is shipped.
    Shipped,
}

/// Returns the reach of every file that some target reaches.
///
/// - `roots`: the targets' root files, each with the reach of what it declares.
pub(crate) fn reach<'a>(
    roots: impl Iterator<Item = (&'a Path, Reach)>,
    files: &[SourceFile],
) -> BTreeMap<PathBuf, Reach> {
    let by_path = files.iter().map(|file| (file.path.as_path(), file)).collect();
    let mut walk = Walk { by_path, reach: BTreeMap::new() };
    for (root, reach) in roots {
        let directory = root.parent().unwrap_or(Path::new(""));
        walk.visit_file(root, directory, reach);
    }
    walk.reach
}

/// Returns whether the attributes say that the item exists only in tests.
pub(crate) fn is_test_only(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => {
            let condition = list.tokens.to_string();
            condition == "test" || condition.starts_with("all (test")
        }
        _ => false,
    })
}

struct Walk<'a> {
    by_path: BTreeMap<&'a Path, &'a SourceFile>,
    reach: BTreeMap<PathBuf, Reach>,
}

impl Walk<'_> {
    /// Notes that `path` is reached, and goes on to what it declares in `directory`.
    fn visit_file(&mut self, path: &Path, directory: &Path, reach: Reach) {
        let Some(file) = self.by_path.get(path).copied() else { return };
        if self.reach.get(path).is_some_and(|known| *known >= reach) {
            return;
        }
        self.reach.insert(path.to_path_buf(), reach);
        let beside = path.parent().unwrap_or(Path::new(""));
        let mut declarations = Declarations {
            beside: beside.to_path_buf(),
            directory: directory.to_path_buf(),
            reach,
            found: vec![],
        };
        declarations.visit_file(&file.syntax);
        for Declared { path, directory, reach } in declarations.found {
            self.visit_file(&path, &directory, reach);
        }
    }
}

/// A file that a `mod` may mean.
struct Declared {
    path: PathBuf,
    /// Where its own `mod` declarations look.
    directory: PathBuf,
    reach: Reach,
}

/// Collects the files that one file's `mod` declarations may mean.
struct Declarations {
    /// The folder of the file itself, where `#[path]` looks.
    beside: PathBuf,
    /// The folder where `mod name;` looks at this depth.
    directory: PathBuf,
    reach: Reach,
    found: Vec<Declared>,
}

impl<'ast> Visit<'ast> for Declarations {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        let name = item.ident.to_string();
        let name = name.strip_prefix("r#").unwrap_or(&name);
        let directory = self.directory.join(name);
        let reach = if is_test_only(&item.attrs) { Reach::TestsOnly } else { self.reach };
        if item.content.is_some() {
            let outer = (std::mem::replace(&mut self.directory, directory), self.reach);
            self.reach = reach;
            visit::visit_item_mod(self, item);
            (self.directory, self.reach) = outer;
        } else if let Some(path) = item.attrs.iter().find_map(path_attribute) {
            let path = self.beside.join(path);
            let directory = path.parent().unwrap_or(Path::new("")).to_path_buf();
            self.found.push(Declared { path, directory, reach });
        } else {
            for path in [directory.with_extension("rs"), directory.join("mod.rs")] {
                self.found.push(Declared { path, directory: directory.clone(), reach });
            }
        }
    }
}

/// Returns the text of `#[path = "…"]`.
pub(super) fn path_attribute(attribute: &Attribute) -> Option<String> {
    match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach_of(files: &[(&str, &str)]) -> Vec<(String, Reach)> {
        let files: Vec<SourceFile> = files
            .iter()
            .map(|(path, text)| SourceFile::parse(Path::new(path), (*text).to_owned()))
            .collect::<Result<_, _>>()
            .expect("the fixtures parse");
        let roots = [
            (Path::new("a/src/lib.rs"), Reach::Shipped),
            (Path::new("a/tests/it/main.rs"), Reach::TestsOnly),
        ];
        reach(roots.into_iter(), &files)
            .into_iter()
            .map(|(path, reach)| (path.display().to_string(), reach))
            .collect()
    }

    #[test]
    fn modules_are_found_beside_below_and_by_path() {
        let found = reach_of(&[
            ("a/src/lib.rs", "mod b; mod inline { mod deep; } #[path = \"odd.rs\"] mod c;"),
            ("a/src/b.rs", "mod d; mod r#type;"),
            ("a/src/b/d/mod.rs", ""),
            ("a/src/b/type.rs", ""),
            ("a/src/inline/deep.rs", ""),
            ("a/src/odd.rs", ""),
            ("a/src/forgotten.rs", ""),
        ]);
        // In the order of paths, which is not the order of their text.
        let paths: Vec<&str> = found.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(
            paths,
            [
                "a/src/b/d/mod.rs",
                "a/src/b/type.rs",
                "a/src/b.rs",
                "a/src/inline/deep.rs",
                "a/src/lib.rs",
                "a/src/odd.rs",
            ]
        );
    }

    #[test]
    fn test_targets_and_test_modules_are_told_apart_from_what_is_shipped() {
        let found = reach_of(&[
            ("a/src/lib.rs", "#[cfg(test)] mod fixture; mod real;"),
            ("a/src/fixture.rs", ""),
            ("a/src/real.rs", "#[cfg(not(test))] mod shipped_too;"),
            ("a/src/real/shipped_too.rs", ""),
            ("a/tests/it/main.rs", "mod queries;"),
            ("a/tests/it/queries.rs", ""),
        ]);
        let tests: Vec<&str> = found
            .iter()
            .filter(|(_, reach)| *reach == Reach::TestsOnly)
            .map(|(path, _)| path.as_str())
            .collect();
        assert_eq!(tests, ["a/src/fixture.rs", "a/tests/it/main.rs", "a/tests/it/queries.rs"]);
    }
}
