//! Aligned text for a terminal: a header and rows, or one block per row where columns are too many.
//!
//! In: rows of cells, whatever their content; everything is made visible here. Out: lines. A sample of
//! the first rows decides widths and layout; what follows is written as it comes.

mod layout;

use std::{borrow::Cow, fmt::Write, io};

use anstyle::Style;
use unicode_width::UnicodeWidthStr;

use self::layout::{GAP, Measure, fit};
use crate::text::visible::Visible;

/// How a table is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableOptions {
    /// Columns of the terminal; `None` puts no limit to a line, for a pipe or a pager.
    pub width: Option<usize>,
    /// Whether to write colours and bold.
    pub is_coloured: bool,
    /// How many rows are looked at before widths are settled; they are kept in memory until then.
    pub sample_rows: usize,
}

impl Default for TableOptions {
    fn default() -> Self {
        Self { width: None, is_coloured: false, sample_rows: 200 }
    }
}

/// Narrower terminals are treated as if they had this many columns.
const MIN_WIDTH: usize = 20;
/// Columns kept of a cell where the line has no limit.
const MAX_CELL_WIDTH: usize = 1_000;
/// Lines that one cell may take in the block layout.
const MAX_CELL_LINES: usize = 6;

/// A column of a grid.
pub(crate) struct GridColumn {
    pub(crate) name: String,
    pub(crate) is_right_aligned: bool,
    /// Whether cells may be cut to make room. A number or a time that is cut would be a lie.
    pub(crate) is_cuttable: bool,
}

impl GridColumn {
    /// Returns columns of numbers behind `texts` columns of text, the first of which may be cut.
    pub(crate) fn numbers_behind(texts: usize, names: &[&str]) -> Vec<Self> {
        let column = |(at, name): (usize, &&str)| Self {
            name: (*name).to_owned(),
            is_right_aligned: at >= texts,
            is_cuttable: at == 0,
        };
        names.iter().enumerate().map(column).collect()
    }
}

/// A cell on its way to the terminal.
pub(crate) struct GridCell<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) style: Style,
}

impl<'a> GridCell<'a> {
    pub(crate) fn plain(text: impl Into<Cow<'a, str>>) -> Self {
        Self { text: text.into(), style: Style::new() }
    }
}

/// Writes rows under one another.
pub(crate) struct Grid<W> {
    out: W,
    columns: Vec<GridColumn>,
    names: Vec<Visible>,
    options: TableOptions,
    layout: Layout,
    /// Rows taken so far.
    rows: usize,
}

enum Layout {
    /// Rows wait until enough of them are seen.
    Sampling(Vec<Vec<Shown>>),
    /// The width of each column.
    Lines(Vec<usize>),
    /// One block per row; the width of the names.
    Blocks(usize),
}

/// A cell made visible.
struct Shown {
    visible: Visible,
    style: Style,
}

impl<W: io::Write> Grid<W> {
    pub(crate) fn new(columns: Vec<GridColumn>, options: TableOptions, out: W) -> Self {
        let names =
            columns.iter().map(|column| Visible::new(&column.name, MAX_CELL_WIDTH)).collect();
        Self { out, columns, names, options, layout: Layout::Sampling(Vec::new()), rows: 0 }
    }

    /// Takes one row; its cells are the columns' in order.
    pub(crate) fn row<'a>(&mut self, cells: impl Iterator<Item = GridCell<'a>>) -> io::Result<()> {
        let limit = match self.width() {
            Some(width) => width.saturating_mul(MAX_CELL_LINES),
            None => MAX_CELL_WIDTH,
        };
        let row: Vec<Shown> = cells
            .map(|cell| Shown { visible: Visible::new(&cell.text, limit), style: cell.style })
            .collect();
        if let Layout::Sampling(sample) = &mut self.layout {
            sample.push(row);
            if sample.len() >= self.options.sample_rows { self.settle() } else { Ok(()) }
        } else {
            self.write_row(&row)
        }
    }

    /// Writes what is still waiting and a line that counts the rows: `(3 rows)`.
    pub(crate) fn finish(mut self, noun: &str) -> io::Result<W> {
        self.settle()?;
        let plural = if self.rows == 1 { "" } else { "s" };
        writeln!(self.out, "({} {noun}{plural})", self.rows)?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn width(&self) -> Option<usize> {
        self.options.width.map(|width| width.max(MIN_WIDTH))
    }

    /// Decides the layout from the sample, and writes the header and the sample.
    fn settle(&mut self) -> io::Result<()> {
        let Layout::Sampling(sample) = &mut self.layout else { return Ok(()) };
        let sample = std::mem::take(sample);
        let measures: Vec<Measure> = self
            .columns
            .iter()
            .zip(&self.names)
            .enumerate()
            .map(|(position, (column, name))| {
                let cells = sample.iter().filter_map(|row| row.get(position));
                Measure {
                    name: name.width,
                    cells: cells.map(|cell| cell.visible.width).max().unwrap_or(0),
                    is_cuttable: column.is_cuttable,
                }
            })
            .collect();
        self.layout = if let Some(widths) = fit(&measures, self.width()) {
            Layout::Lines(widths)
        } else {
            let widest = measures.iter().map(|measure| measure.name).max().unwrap_or(0);
            let half = self.width().map_or(usize::MAX, |width| width / 2);
            Layout::Blocks(widest.min(half))
        };
        self.write_header()?;
        sample.iter().try_for_each(|row| self.write_row(row))
    }

    fn write_header(&mut self) -> io::Result<()> {
        let Layout::Lines(widths) = &self.layout else { return Ok(()) };
        let mut header = Line::default();
        let mut rule = Line::default();
        for ((column, name), &width) in self.columns.iter().zip(&self.names).zip(widths) {
            let style = if self.options.is_coloured { Style::new().bold() } else { Style::new() };
            header.push(&name.cut(width), style, width, column.is_right_aligned);
            rule.push(&"─".repeat(width), Style::new(), width, false);
        }
        writeln!(self.out, "{}\n{}", header.text, rule.text)
    }

    fn write_row(&mut self, row: &[Shown]) -> io::Result<()> {
        self.rows = self.rows.saturating_add(1);
        match &self.layout {
            Layout::Lines(widths) => {
                let mut line = Line::default();
                for ((column, cell), &width) in self.columns.iter().zip(row).zip(widths) {
                    // A later row may be wider than the sample; what must not be cut sticks out.
                    let text = if column.is_cuttable {
                        cell.visible.cut(width)
                    } else {
                        cell.visible.cut(cell.visible.width)
                    };
                    let style = if self.options.is_coloured { cell.style } else { Style::new() };
                    line.push(&text, style, width, column.is_right_aligned);
                }
                writeln!(self.out, "{}", line.text)
            }
            Layout::Blocks(name_width) => self.write_block(row, *name_width),
            Layout::Sampling(_) => Ok(()),
        }
    }

    /// Writes a row as a block: a rule with its number, then a line per column that has something.
    fn write_block(&mut self, row: &[Shown], name_width: usize) -> io::Result<()> {
        let width = self.width().unwrap_or(MAX_CELL_WIDTH);
        let empty = row.iter().filter(|cell| cell.visible.text.is_empty()).count();
        let title = match empty {
            0 => format!("─ {} ", self.rows),
            1 => format!("─ {} ─ 1 empty column not shown ", self.rows),
            _ => format!("─ {} ─ {empty} empty columns not shown ", self.rows),
        };
        let fill = "─".repeat(width.min(60).saturating_sub(title.width()));
        writeln!(self.out, "{title}{fill}")?;
        let value_width = width.saturating_sub(name_width).saturating_sub(GAP);
        let name_style = if self.options.is_coloured { Style::new().bold() } else { Style::new() };
        for (name, cell) in self.names.iter().zip(row) {
            let style = if self.options.is_coloured { cell.style } else { Style::new() };
            let mut name = name.cut(name_width);
            for text in cell.visible.wrap(value_width, MAX_CELL_LINES) {
                let mut line = Line::default();
                line.push(&name, name_style, name_width, false);
                line.push(&text, style, 0, false);
                writeln!(self.out, "{}", line.text)?;
                name.clear();
            }
        }
        Ok(())
    }
}

/// A line of cells; blanks are written only when something follows them.
#[derive(Default)]
struct Line {
    text: String,
    /// Blanks owed before the next cell.
    owed: usize,
    has_cell: bool,
}

impl Line {
    fn push(&mut self, text: &str, style: Style, width: usize, is_right_aligned: bool) {
        if self.has_cell {
            self.owed = self.owed.saturating_add(GAP);
        }
        self.has_cell = true;
        let padding = width.saturating_sub(text.width());
        let (before, after) = if is_right_aligned { (padding, 0) } else { (0, padding) };
        self.owed = self.owed.saturating_add(before);
        if !text.is_empty() {
            let blanks = self.owed;
            let written = write!(self.text, "{:blanks$}{style}{text}{style:#}", "");
            debug_assert!(written.is_ok(), "writing to a string cannot fail");
            self.owed = 0;
        }
        self.owed = self.owed.saturating_add(after);
    }
}
