//! The widths of a table's columns, or the verdict that they do not fit side by side.

/// Blanks between two columns.
pub(super) const GAP: usize = 2;
/// Text is not cut below this many columns: less of a command line says nothing.
const MIN_TEXT_WIDTH: usize = 24;
/// A name is not cut below this many columns.
const MIN_NAME_WIDTH: usize = 8;

/// What is known of a column's widths.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measure {
    /// Width of the name.
    pub(super) name: usize,
    /// Width of the widest cell.
    pub(super) cells: usize,
    /// Whether cells may be cut.
    pub(super) is_cuttable: bool,
}

impl Measure {
    /// The width at which nothing is cut.
    fn natural(self) -> usize {
        self.name.max(self.cells)
    }

    /// The width below which the column says too little.
    fn floor(self) -> usize {
        let cells = if self.is_cuttable { self.cells.min(MIN_TEXT_WIDTH) } else { self.cells };
        cells.max(self.name.min(MIN_NAME_WIDTH))
    }

    /// The width when columns are levelled at `level`.
    fn at(self, level: usize) -> usize {
        level.clamp(self.floor(), self.natural())
    }
}

/// Returns a width for each column so that a line takes at most `width`, or `None` if it cannot.
///
/// Wide columns give way first: all that are wider than a common level are cut to it.
pub(super) fn fit(measures: &[Measure], width: Option<usize>) -> Option<Vec<usize>> {
    let widths_at = |level: usize| measures.iter().map(move |measure| measure.at(level));
    let widest = measures.iter().map(|measure| measure.natural()).max().unwrap_or(0);
    let Some(width) = width else { return Some(widths_at(widest).collect()) };
    let gaps = measures.len().saturating_sub(1).saturating_mul(GAP);
    let available = width.saturating_sub(gaps);
    let fits = |level: usize| widths_at(level).sum::<usize>() <= available;
    if !fits(0) {
        return None;
    }
    // The greatest level that fits; the sum grows with the level.
    let (mut low, mut high) = (0usize, widest);
    while low < high {
        let middle = low.midpoint(high.saturating_add(1));
        if fits(middle) {
            low = middle;
        } else {
            high = middle.saturating_sub(1);
        }
    }
    Some(widths_at(low).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(cells: usize) -> Measure {
        Measure { name: 4, cells, is_cuttable: true }
    }

    fn number(cells: usize) -> Measure {
        Measure { name: 4, cells, is_cuttable: false }
    }

    #[test]
    fn wide_text_gives_way() {
        assert_eq!(fit(&[number(10), text(20)], Some(80)), Some(vec![10, 20]));
        assert_eq!(fit(&[number(10), text(200), text(20)], Some(80)), Some(vec![10, 46, 20]));
        assert_eq!(fit(&[text(500), text(500)], None), Some(vec![500, 500]));
        assert_eq!(fit(&[], Some(80)), Some(vec![]));
    }

    #[test]
    fn too_many_columns_do_not_fit() {
        assert_eq!(fit(&[text(30); 4], Some(80)), None);
        assert_eq!(fit(&[number(81)], Some(80)), None);
    }

    proptest! {
        #[test]
        fn a_fit_is_a_fit(cells in prop::collection::vec((1usize..40, 0usize..300, any::<bool>()), 0..12), width in 20usize..300) {
            let measures: Vec<_> = cells
                .into_iter()
                .map(|(name, cells, is_cuttable)| Measure { name, cells, is_cuttable })
                .collect();
            if let Some(widths) = fit(&measures, Some(width)) {
                let gaps = widths.len().saturating_sub(1).saturating_mul(GAP);
                prop_assert!(widths.iter().sum::<usize>().saturating_add(gaps) <= width);
                for (measure, width) in measures.iter().zip(widths) {
                    prop_assert!(measure.is_cuttable || width >= measure.cells);
                }
            }
        }
    }
}
