//! The reference material in `../shared`, beside the workspace.

use std::path::{Path, PathBuf};

/// Returns the path of a file or folder below `../shared`, such as `logs/sysmon.evtx`.
///
/// # Panics
///
/// If there is no such file or folder.
#[track_caller]
#[expect(clippy::panic, reason = "a test without its input has failed")]
pub fn shared(relative: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(relative);
    assert!(
        path.exists(),
        "no `{relative}` in the reference material: tests need the folder `shared` beside the \
         workspace (looked for {})",
        path.display()
    );
    path.canonicalize().unwrap_or_else(|error| panic!("cannot resolve {}: {error}", path.display()))
}

/// Returns the text of a file below `../shared`.
///
/// # Panics
///
/// If there is no such file or it is not UTF-8.
#[track_caller]
#[expect(clippy::panic, reason = "a test without its input has failed")]
pub fn shared_text(relative: &str) -> String {
    let path = shared(relative);
    std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_material_is_there() {
        assert!(shared("logs/manifest.json").is_file());
        assert!(shared_text("kql/semantics.md").contains("datetime"));
    }

    #[test]
    fn a_missing_file_fails_with_what_to_do() {
        let panic = std::panic::catch_unwind(|| shared("no/such/file")).expect_err("it is missing");
        let message = panic.downcast_ref::<String>().expect("the message is formatted");
        assert!(message.contains("`no/such/file`"), "{message}");
        assert!(message.contains("beside the workspace"), "{message}");
    }
}
