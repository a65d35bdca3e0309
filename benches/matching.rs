//! The string operators' kernels against a regular expression and against a plain search.
//!
//! The search, of the same bytes for a needle whose case counts, is the floor.

use std::{error::Error, sync::Arc};

use arrow_array::{Array, ArrayRef, StringViewArray, cast::AsArray};
use benches::Comparison;
use criterion::Criterion;
use datafusion_common::{ScalarValue, config::ConfigOptions};
use datafusion_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF};
use memchr::memmem::Finder;
use regex::Regex;

/// The rows of one batch.
const ROWS: usize = 8_192;

fn main() -> Result<(), Box<dyn Error>> {
    let lines = command_lines();
    let bytes: usize = lines.iter().flatten().map(str::len).sum();
    let bytes = u64::try_from(bytes)?;
    let text: String = lines.iter().flatten().collect();
    let column: ArrayRef = Arc::new(lines);
    let mut criterion = Criterion::default().sample_size(20).configure_from_args();
    let any = ["ADMIN$", "C$", "IPC$", r"\\"];
    for (kernel, needles, pattern) in [
        ("kql_has", &any[..1], r"(?i)(?:^|[^\pL\pN])ADMIN\$"),
        ("kql_contains", &["psexec"][..], r"(?i)psexec"),
        ("kql_has_any", &any[..], r"(?i)(?:^|[^\pL\pN])(?:ADMIN\$|C\$|IPC\$)|\\\\"),
    ] {
        let function = function(kernel)?;
        let needle = constant(kernel, needles);
        let regex = Regex::new(pattern)?;
        let finder = Finder::new(needles.first().copied().unwrap_or_default());
        Comparison::new(kernel, bytes, || matches(&function, &column, &needle))
            .against("a regular expression", || regex_matches(&regex, &column))
            .against("memmem", || {
                finder.find_iter(text.as_bytes()).fold(0, |count, _| u64::saturating_add(count, 1))
            })
            .run(&mut criterion);
    }
    criterion.final_summary();
    Ok(())
}

/// Command lines as a log has them: most have nothing to do with a share.
fn command_lines() -> StringViewArray {
    let line = |row: usize| match row % 64 {
        0 => format!(r"net  use X: \\srv-{row}.corp.example\C$ /user:corp\adm"),
        1 => format!(r"PsExec64.exe \\srv-{row} -s cmd.exe"),
        2 => format!(r"cmd.exe /c copy tool.exe \\10.0.0.{}\ADMIN$\Temp", row % 250),
        _ => format!(
            r#""C:\Program Files\Vendor\Product {row}\agent.exe" --type=worker --channel={row} --lang=en"#
        ),
    };
    (0..ROWS).map(|row| Some(line(row))).collect()
}

fn function(name: &str) -> Result<ScalarUDF, String> {
    let mut kernels = kql_datafusion::kernels();
    kernels.find(|kernel| kernel.name() == name).ok_or_else(|| format!("no kernel `{name}`"))
}

fn constant(kernel: &str, needles: &[&str]) -> ColumnarValue {
    let texts: Vec<ScalarValue> =
        needles.iter().map(|needle| ScalarValue::Utf8View(Some((*needle).to_owned()))).collect();
    let is_list = kernel.ends_with("_any");
    ColumnarValue::Scalar(match texts.first() {
        Some(first) if !is_list => first.clone(),
        _ => ScalarValue::List(ScalarValue::new_list(
            &texts,
            &arrow_schema::DataType::Utf8View,
            true,
        )),
    })
}

fn matches(function: &ScalarUDF, column: &ArrayRef, needle: &ColumnarValue) -> u64 {
    let field = Arc::new(arrow_schema::Field::new("r", arrow_schema::DataType::Boolean, true));
    let result = function.invoke_with_args(ScalarFunctionArgs {
        args: vec![ColumnarValue::Array(Arc::clone(column)), needle.clone()],
        arg_fields: Vec::new(),
        number_rows: column.len(),
        return_field: field,
        config_options: Arc::new(ConfigOptions::default()),
    });
    let array = result.and_then(|value| value.into_array(column.len()));
    array.map_or(0, |array| array.as_boolean().true_count().try_into().unwrap_or(u64::MAX))
}

fn regex_matches(regex: &Regex, column: &ArrayRef) -> u64 {
    let texts = column.as_string_view().iter().flatten();
    texts.fold(0, |count, text| count.saturating_add(u64::from(regex.is_match(text))))
}
