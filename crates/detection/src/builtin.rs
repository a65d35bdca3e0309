//! The package that comes with the binary, so that it runs without any file beside it.

/// Path within the package, and text.
pub(crate) const FILES: &[(&str, &str)] = &[
    ("package.yaml", include_str!("../../../detections/t1021.002/package.yaml")),
    (
        "rules/published_reference.yaml",
        include_str!("../../../detections/t1021.002/rules/published_reference.yaml"),
    ),
    (
        "rules/published_reference.quarry.yaml",
        include_str!("../../../detections/t1021.002/rules/published_reference.quarry.yaml"),
    ),
];

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeSet,
        path::{Path, PathBuf},
    };

    use super::*;

    #[test]
    fn every_yaml_file_that_a_package_reads_is_built_in() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../detections/t1021.002");
        let on_disk: BTreeSet<PathBuf> = crate::package::files(&root)
            .unwrap()
            .into_keys()
            .map(|path| path.strip_prefix(&root).unwrap().to_owned())
            .collect();
        let built_in: BTreeSet<PathBuf> = FILES.iter().map(|(path, _)| path.into()).collect();
        assert_eq!(built_in, on_disk);
    }
}
