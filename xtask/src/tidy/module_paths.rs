//! The modules of one crate, each with the paths that its shipped code writes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Item, ItemFn, ItemImpl, ItemMod, ItemUse, Macro, UseTree};

use super::module_tree::{is_test_only, path_attribute};
use super::source_file::SourceFile;

/// The modules of one target, by their paths.
pub(crate) struct Crate {
    modules: BTreeMap<Vec<String>, Module>,
}

/// One module.
pub(crate) struct Module {
    /// Its path from the crate's root, which is empty.
    pub(crate) name: Vec<String>,
    /// The file that holds it.
    pub(crate) path: PathBuf,
    /// The paths that it writes and that start with `crate`, `super` or `self`.
    pub(crate) paths: Vec<Vec<String>>,
    /// What it imports: the name here, and the path.
    imports: BTreeMap<String, Vec<String>>,
}

impl Crate {
    /// Reads the modules from `root`, the target's root file, on.
    pub(crate) fn read(root: &Path, files: &[SourceFile]) -> Self {
        let by_path = files.iter().map(|file| (file.path.as_path(), file)).collect();
        let mut reading = Reading { by_path, modules: BTreeMap::new() };
        let directory = root.parent().unwrap_or(Path::new(""));
        reading.file(root, directory, &[]);
        Self { modules: reading.modules }
    }

    /// Every module, in order of path.
    pub(crate) fn modules(&self) -> impl Iterator<Item = &Module> {
        self.modules.values()
    }

    /// The module of this path.
    pub(crate) fn module(&self, name: &[String]) -> Option<&Module> {
        self.modules.get(name)
    }

    /// The module that has what `path`, written in `from`, names.
    pub(crate) fn resolve(&self, from: &[String], path: &[String]) -> Vec<String> {
        // Imports that name each other in a circle do not compile; the limit keeps this finite
        // for text that is not compiled.
        const MOST_IMPORTS: usize = 32;
        let mut at = from.to_vec();
        let mut rest: Vec<String> = path.to_vec();
        let mut imports = 0_usize;
        let mut first = true;
        loop {
            let Some(segment) = rest.first().cloned() else { return at };
            rest.remove(0);
            match segment.as_str() {
                "crate" => at.clear(),
                "self" => {}
                "super" => {
                    at.pop();
                }
                name => {
                    let child: Vec<String> = at.iter().cloned().chain([name.to_owned()]).collect();
                    if self.modules.contains_key(&child) {
                        at = child;
                    } else if let Some(import) =
                        self.modules.get(&at).and_then(|module| module.imports.get(name))
                        && imports < MOST_IMPORTS
                    {
                        imports = imports.saturating_add(1);
                        rest.splice(0..0, import.iter().cloned());
                    } else if first {
                        // Another crate.
                        return from.to_vec();
                    } else {
                        return at;
                    }
                }
            }
            first = false;
        }
    }
}

struct Reading<'a> {
    by_path: BTreeMap<&'a Path, &'a SourceFile>,
    modules: BTreeMap<Vec<String>, Module>,
}

impl Reading<'_> {
    fn file(&mut self, path: &Path, directory: &Path, name: &[String]) {
        let Some(file) = self.by_path.get(path).copied() else { return };
        self.module(path, directory, name, &file.syntax.items);
    }

    fn module(&mut self, path: &Path, directory: &Path, name: &[String], items: &[Item]) {
        let mut paths = Paths { paths: Vec::new(), imports: BTreeMap::new() };
        let mut children: Vec<&ItemMod> = Vec::new();
        for item in items {
            match item {
                Item::Mod(child) => {
                    if !is_test_only(&child.attrs) {
                        children.push(child);
                    }
                }
                item => paths.visit_item(item),
            }
        }
        let Paths { paths, imports } = paths;
        let module = Module { name: name.to_vec(), path: path.to_path_buf(), paths, imports };
        self.modules.insert(name.to_vec(), module);
        for child in children {
            self.child(path, directory, name, child);
        }
    }

    fn child(&mut self, path: &Path, directory: &Path, name: &[String], child: &ItemMod) {
        let ident = child.ident.to_string();
        let ident = ident.strip_prefix("r#").unwrap_or(&ident);
        let name: Vec<String> = name.iter().cloned().chain([ident.to_owned()]).collect();
        let below = directory.join(ident);
        if let Some((_, items)) = &child.content {
            self.module(path, &below, &name, items);
        } else if let Some(named) = child.attrs.iter().find_map(path_attribute) {
            let named = path.parent().unwrap_or(Path::new("")).join(named);
            let below = named.parent().unwrap_or(Path::new("")).to_path_buf();
            self.file(&named, &below, &name);
        } else {
            for file in [below.with_extension("rs"), below.join("mod.rs")] {
                self.file(&file, &below, &name);
            }
        }
    }
}

/// Collects the paths of one module.
struct Paths {
    paths: Vec<Vec<String>>,
    imports: BTreeMap<String, Vec<String>>,
}

impl Paths {
    fn tree(&mut self, tree: &UseTree, before: &[String]) {
        let joined = |ident: &syn::Ident| -> Vec<String> {
            before.iter().cloned().chain([ident.to_string()]).collect()
        };
        match tree {
            UseTree::Path(path) => self.tree(&path.tree, &joined(&path.ident)),
            UseTree::Name(name) if name.ident == "self" => {
                if let Some(last) = before.last() {
                    self.import(last.clone(), before.to_vec());
                }
            }
            UseTree::Name(name) => self.import(name.ident.to_string(), joined(&name.ident)),
            UseTree::Rename(rename) => {
                let path =
                    if rename.ident == "self" { before.to_vec() } else { joined(&rename.ident) };
                self.import(rename.rename.to_string(), path);
            }
            UseTree::Glob(_) => self.paths.push(before.to_vec()),
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.tree(tree, before);
                }
            }
        }
    }

    fn import(&mut self, name: String, path: Vec<String>) {
        self.paths.push(path.clone());
        if path.first() != Some(&name) || path.len() > 1 {
            self.imports.insert(name, path);
        }
    }

    /// Paths within a macro's arguments, which the syntax tree does not open.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0_usize;
        for tree in tokens {
            match tree {
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.written(std::mem::take(&mut path));
                    }
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => {
                    colons = colons.saturating_add(1);
                }
                TokenTree::Group(group) => {
                    self.written(std::mem::take(&mut path));
                    colons = 0;
                    self.tokens(group.stream());
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {
                    self.written(std::mem::take(&mut path));
                    colons = 0;
                }
            }
        }
        self.written(path);
    }

    fn written(&mut self, path: Vec<String>) {
        if path.len() > 1 {
            self.paths.push(path);
        }
    }
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if !is_test_only(&item.attrs) {
            self.tree(&item.tree, &[]);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        if !is_test_only(&item.attrs) {
            visit::visit_item_fn(self, item);
        }
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        if !is_test_only(&item.attrs) {
            visit::visit_item_impl(self, item);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.written(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.visit_path(&call.path);
        self.tokens(call.tokens.clone());
    }

    fn visit_item_mod(&mut self, _: &'ast ItemMod) {
        // Each module of a file is read by itself.
    }
}
