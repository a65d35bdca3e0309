//! Conditions on an event's data: what text has to be in it for a filter to be met.
//!
//! A filter compares a value that a view makes of the event's fields: a file name, say, which is
//! the end of a path. If what is compared is always a part of a field's text, the field has to have
//! in it what the value is compared with. That is a necessary condition, and cheap to test.

use datafusion::{
    common::cast::as_string_view_array,
    logical_expr::{BinaryExpr, Case, Expr, Operator, expr::InList, expr::ScalarFunction},
    scalar::ScalarValue,
};
use evtx_arrow::{DataCondition, Needles};
use kql_datafusion::{PathForm, ScanColumn};

/// Fields that a condition may name; one about more is hardly ever unmet.
const MAX_PATHS: usize = 4;

/// Functions that compare their first argument with a constant, which is then a part of it.
const COMPARISONS: [&str; 11] = [
    "kql_contains",
    "kql_contains_cs",
    "kql_ends_with",
    "kql_ends_with_cs",
    "kql_equals_ci",
    "kql_has",
    "kql_has_cs",
    "kql_has_prefix",
    "kql_has_prefix_cs",
    "kql_has_suffix",
    "kql_has_suffix_cs",
];
const STARTS: [&str; 2] = ["kql_starts_with", "kql_starts_with_cs"];
/// Functions of a list of constants, of which at least one is then a part of the first argument.
const LISTS: [&str; 3] = ["kql_has_all", "kql_has_any", "kql_in_ci"];

/// Functions whose result is a part of one argument, up to the case of ASCII letters: their names
/// and which argument that is.
const PARTS: [(&str, usize); 7] = [
    ("kql_extract", 2),
    ("kql_substring", 0),
    ("kql_tolower", 0),
    ("kql_toupper", 0),
    ("kql_trim", 1),
    ("kql_trim_end", 1),
    ("kql_trim_start", 1),
];

/// Returns the condition on the data that an expression implies, if it implies one.
pub(super) fn condition(expr: &Expr, columns: &[ScanColumn]) -> Option<DataCondition> {
    match expr {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) => {
            let (value, text) = match text_of(right) {
                Some(text) => (left, text),
                None => (right, text_of(left)?),
            };
            of(value, vec![text], columns)
        }
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right }) => {
            either(condition(left, columns)?, condition(right, columns)?)
        }
        Expr::InList(InList { expr, list, negated: false }) => {
            of(expr, list.iter().map(text_of).collect::<Option<_>>()?, columns)
        }
        Expr::ScalarFunction(ScalarFunction { func, args }) => {
            let [value, constant] = &**args else { return None };
            let name = func.name();
            if COMPARISONS.contains(&name) || STARTS.contains(&name) {
                of(value, vec![text_of(constant)?], columns)
            } else if LISTS.contains(&name) {
                of(value, texts_of(constant)?, columns)
            } else {
                None
            }
        }
        _ => None,
    }
}

/// Returns the condition that one of the needles is in a value.
fn of(value: &Expr, needles: Vec<String>, columns: &[ScanColumn]) -> Option<DataCondition> {
    // The reader folds the case of ASCII letters only.
    let are_usable = needles.iter().all(|needle| !needle.is_empty() && needle.is_ascii());
    if needles.is_empty() || !are_usable {
        return None;
    }
    let needles = Needles::new(needles);
    let mut parts = Parts { columns, needles: &needles, paths: Vec::new() };
    parts.collect(value)?;
    let paths = parts.paths;
    (1..=MAX_PATHS).contains(&paths.len()).then_some(DataCondition { paths, needles })
}

/// Returns a condition that is met where either of two is.
fn either(left: DataCondition, right: DataCondition) -> Option<DataCondition> {
    let mut paths = left.paths;
    for path in right.paths {
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    let mut texts = left.needles.texts().to_vec();
    for text in right.needles.texts() {
        if !texts.contains(text) {
            texts.push(text.clone());
        }
    }
    (paths.len() <= MAX_PATHS).then(|| DataCondition { paths, needles: Needles::new(texts) })
}

/// The fields of which a value is a part.
struct Parts<'a> {
    columns: &'a [ScanColumn],
    needles: &'a Needles,
    paths: Vec<Vec<String>>,
}

impl Parts<'_> {
    /// Collects the fields; `None` if the value may have a needle in it that none of them has.
    fn collect(&mut self, value: &Expr) -> Option<()> {
        match value {
            Expr::Alias(alias) => self.collect(&alias.expr),
            Expr::Column(column) => {
                let is_it = |it: &&ScanColumn| it.to_string() == column.name;
                match self.columns.iter().find(is_it)? {
                    ScanColumn::Path { column, steps, form: PathForm::Text }
                        if &**column == "EventData" =>
                    {
                        if !self.paths.contains(steps) {
                            self.paths.push(steps.clone());
                        }
                        Some(())
                    }
                    _ => None,
                }
            }
            Expr::Literal(ScalarValue::Utf8View(None), _) => Some(()),
            Expr::Literal(..) => (!self.needles.may_be_in(&text_of(value)?)).then_some(()),
            Expr::Case(Case { expr: None, when_then_expr, else_expr }) => {
                let results = when_then_expr.iter().map(|(_, then)| then).chain(else_expr);
                results.into_iter().try_for_each(|result| self.collect(result))
            }
            Expr::ScalarFunction(ScalarFunction { func, args }) => {
                let (_, argument) = PARTS.iter().find(|(name, _)| *name == func.name())?;
                self.collect(args.get(*argument)?)
            }
            _ => None,
        }
    }
}

/// Returns the text of a literal.
fn text_of(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Literal(value, _) => value.try_as_str().flatten().map(str::to_owned),
        _ => None,
    }
}

/// Returns the texts of a literal list.
fn texts_of(expr: &Expr) -> Option<Vec<String>> {
    let Expr::Literal(ScalarValue::List(list), _) = expr else { return None };
    let texts = as_string_view_array(list.values()).ok()?;
    texts.iter().map(|text| text.map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use datafusion::logical_expr::{col, lit, when};

    use super::*;

    fn image() -> [ScanColumn; 2] {
        let path = |name: &str| ScanColumn::Path {
            column: "EventData".into(),
            steps: vec![name.to_owned()],
            form: PathForm::Text,
        };
        [path("Image"), path("ParentImage")]
    }

    fn field(name: &str) -> Expr {
        let column = col(format!("\"EventData.{name}\""));
        when(column.clone().is_not_null(), column).otherwise(lit("")).unwrap()
    }

    fn of(expr: &Expr) -> Option<(Vec<String>, Vec<String>)> {
        let condition = condition(expr, &image())?;
        let paths = condition.paths.iter().map(|path| path.join(".")).collect();
        Some((paths, condition.needles.texts().to_vec()))
    }

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|&text| text.to_owned()).collect()
    }

    #[test]
    fn a_field_that_equals_a_text_has_it() {
        let expected = Some((texts(&["Image"]), texts(&["cmd.exe"])));
        assert_eq!(of(&field("Image").eq(lit("cmd.exe"))), expected);
        assert_eq!(of(&lit("cmd.exe").eq(field("Image"))), expected);
    }

    #[test]
    fn alternatives_join_their_fields_and_texts() {
        let either = field("Image").eq(lit("a")).or(field("ParentImage").eq(lit("b")));
        assert_eq!(of(&either), Some((texts(&["Image", "ParentImage"]), texts(&["a", "b"]))));
    }

    #[test]
    fn a_constant_that_has_the_text_itself_says_nothing() {
        let or_system = |text: &str| {
            when(lit(true), lit("System")).otherwise(field("Image")).unwrap().eq(lit(text))
        };
        assert_eq!(of(&or_system("system")), None);
        assert_eq!(of(&or_system("cmd")), Some((texts(&["Image"]), texts(&["cmd"]))));
    }

    #[test]
    fn what_is_not_a_part_of_a_field_says_nothing() {
        let other = col("\"Computer\"").eq(lit("a"));
        assert_eq!(of(&other), None);
        assert_eq!(of(&field("Image").eq(lit(""))), None);
        assert_eq!(of(&field("Image").eq(lit("é"))), None);
        assert_eq!(of(&field("Image").not_eq(lit("a"))), None);
        assert_eq!(of(&field("Image").eq(lit("a")).or(other)), None);
    }
}
