//! The variables in scope: `let` names and parameters.

use std::{collections::HashMap, rc::Rc};

use kql_syntax::ast::{FunctionDecl, PatternCase};

use crate::tree::{Expr, Relation};

/// The names that a place in a query sees, beside columns and the catalog.
///
/// Names are added in place until a function captures the environment; from then on they go into a
/// child, so that a function sees what stood before it and nothing else.
#[derive(Default)]
pub(crate) struct Env {
    names: HashMap<String, Rc<Binding>>,
    parent: Option<Rc<Env>>,
    /// A scope of its own: names of the parent may be defined again.
    is_block: bool,
}

/// What a name stands for.
pub(crate) enum Binding {
    /// A scalar, put in place wherever it is named; `None` after an error.
    Scalar(Option<Expr>),
    /// Rows, put in place wherever they are named.
    Rows {
        /// The rows.
        rows: Relation,
        /// The name is a table's for `withsource`: of a `view`, or after `as`.
        is_view: bool,
        /// Under which number [`super::Binder`] keeps what is wrong with the rows, to be reported
        /// where they are read: a fuzzy union forgives missing tables.
        deferred: Option<usize>,
    },
    /// A function.
    Function(Function),
    /// A pattern, whose calls stand for one of its cases.
    Pattern {
        /// The cases.
        cases: Vec<PatternCase>,
        /// What their bodies see.
        env: Rc<Env>,
    },
}

/// A function of the query or of the catalog.
pub(crate) struct Function {
    /// Parameters and body.
    pub(crate) decl: FunctionDecl,
    /// What its body sees.
    pub(crate) env: Rc<Env>,
    /// Declared by `view`.
    pub(crate) is_view: bool,
    /// Its declaration has errors, which have been reported.
    pub(crate) is_broken: bool,
}

impl Env {
    /// Makes an empty scope within `parent`.
    pub(crate) fn block(parent: Rc<Self>) -> Rc<Self> {
        Rc::new(Self { names: HashMap::new(), parent: Some(parent), is_block: true })
    }

    /// Returns what the name stands for, innermost first.
    pub(crate) fn get(&self, name: &str) -> Option<&Rc<Binding>> {
        let mut env = self;
        loop {
            if let Some(binding) = env.names.get(name) {
                return Some(binding);
            }
            env = env.parent.as_deref()?;
        }
    }

    /// Tells whether the name is defined in the innermost scope.
    pub(crate) fn defines(&self, name: &str) -> bool {
        let mut env = self;
        loop {
            if env.names.contains_key(name) {
                return true;
            }
            match &env.parent {
                Some(parent) if !env.is_block => env = parent,
                _ => return false,
            }
        }
    }

    /// Yields all names in scope.
    pub(crate) fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        let mut env = Some(self);
        while let Some(current) = env {
            names.extend(current.names.keys().map(String::as_str));
            env = current.parent.as_deref();
        }
        names.sort_unstable();
        names
    }

    /// Adds a name to `env`.
    pub(crate) fn define(env: &mut Rc<Self>, name: &str, binding: Binding) {
        if Rc::get_mut(env).is_none() {
            *env = Rc::new(Self {
                names: HashMap::new(),
                parent: Some(Rc::clone(env)),
                is_block: false,
            });
        }
        if let Some(own) = Rc::get_mut(env) {
            own.names.insert(name.to_owned(), Rc::new(binding));
        }
    }
}
