//! CSV files with named columns. What is wrong is collected with its line and column, so that a file is mended once.

use std::fmt::Display;
use std::str::FromStr;

use csv::StringRecord;
use engine::model::RowProblem;

/// A file that has been read, with what was wrong in it so far.
pub struct Sheet {
    columns: Vec<String>,
    rows: Vec<(u64, StringRecord)>,
    problems: Vec<RowProblem>,
}

impl Sheet {
    /// Reads a file with these columns, in any order. One whose columns do not fit has no rows.
    pub fn read(file: &[u8], required: &[&str], optional: &[&str]) -> Self {
        let mut sheet = Sheet {
            columns: Vec::new(),
            rows: Vec::new(),
            problems: Vec::new(),
        };
        // Spreadsheets like to put a byte order mark in front.
        let file = file.strip_prefix("\u{feff}".as_bytes()).unwrap_or(file);
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_reader(file);
        match reader.headers() {
            Ok(headers) => sheet.columns = headers.iter().map(str::to_lowercase).collect(),
            Err(error) => {
                sheet.note(1, None, what_is_wrong(error.kind()), "a line of columns");
                return sheet;
            }
        }
        sheet.check_columns(required, optional);
        if !sheet.problems.is_empty() {
            return sheet;
        }
        for record in reader.records() {
            match record {
                Ok(record) => {
                    let line = record.position().map_or(0, csv::Position::line);
                    sheet.rows.push((line, record));
                }
                Err(error) => {
                    let line = error.position().map_or(0, csv::Position::line);
                    let columns = sheet.columns.join(", ");
                    let right = format!("a value, or nothing, for each of {columns}, in UTF-8");
                    sheet.note(line, None, what_is_wrong(error.kind()), right);
                }
            }
        }
        if sheet.rows.is_empty() && sheet.problems.is_empty() {
            sheet.note(1, None, "the file has no rows", "a row below the columns");
        }
        sheet
    }

    fn check_columns(&mut self, required: &[&str], optional: &[&str]) {
        let all = [required, optional].concat();
        let names = all.join(", ");
        let missing = required
            .iter()
            .filter(|name| !self.has(name))
            .copied()
            .collect::<Vec<_>>();
        if !missing.is_empty() {
            let wrong = format!("the file lacks the column {}", missing.join(", "));
            self.note(1, None, wrong, format!("the columns {names}"));
        }
        for (i, column) in self.columns.clone().iter().enumerate() {
            if !all.contains(&column.as_str()) {
                let wrong = format!("the column '{column}' means nothing here");
                self.note(1, Some(column), wrong, format!("the columns {names}"));
            } else if self.columns[..i].contains(column) {
                self.note(
                    1,
                    Some(column),
                    "the column is there twice",
                    "each column once",
                );
            }
        }
    }

    fn note(&mut self, line: u64, column: Option<&str>, wrong: impl Display, right: impl Display) {
        self.problems.push(RowProblem {
            line,
            column: column.map(str::to_owned),
            wrong: wrong.to_string(),
            right: right.to_string(),
        });
    }

    /// Whether the file has this column.
    pub fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|name| name == column)
    }

    /// Makes something of each row; what a row lacks is noted, and such a row left out.
    pub fn map<T>(&mut self, mut make: impl FnMut(&mut Row) -> Option<T>) -> Vec<T> {
        let Sheet {
            columns,
            rows,
            problems,
        } = self;
        let mut made = Vec::with_capacity(rows.len());
        for (line, record) in rows.iter() {
            made.extend(make(&mut Row {
                columns,
                record,
                line: *line,
                problems,
            }));
        }
        made
    }

    /// The texts of one column.
    pub fn texts(&self, column: &str) -> impl Iterator<Item = &str> {
        let index = self.columns.iter().position(|name| name == column);
        let rows = self.rows.iter();
        rows.filter_map(move |(_, record)| record.get(index?))
    }

    /// The line of the row with this index.
    pub fn line(&self, index: usize) -> u64 {
        self.rows.get(index).map_or(0, |(line, _)| *line)
    }

    /// What was wrong so far, by line.
    pub fn problems(&mut self) -> &[RowProblem] {
        self.problems.sort_by_key(|problem| problem.line);
        &self.problems
    }
}

fn what_is_wrong(kind: &csv::ErrorKind) -> String {
    match kind {
        csv::ErrorKind::Utf8 { .. } => "the text is not UTF-8".to_owned(),
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => format!("{len} fields instead of {expected_len}"),
        other => format!("{other:?}"),
    }
}

/// One row while it is read.
pub struct Row<'a> {
    columns: &'a [String],
    record: &'a StringRecord,
    line: u64,
    problems: &'a mut Vec<RowProblem>,
}

impl Row<'_> {
    /// The text, empty where the column or the value is missing.
    pub fn text(&self, column: &str) -> String {
        let index = self.columns.iter().position(|name| name == column);
        index
            .and_then(|index| self.record.get(index))
            .unwrap_or_default()
            .to_owned()
    }

    /// The text, if there is any.
    pub fn optional(&self, column: &str) -> Option<String> {
        Some(self.text(column)).filter(|text| !text.is_empty())
    }

    /// The text, which has to be there.
    pub fn required(&mut self, column: &str) -> Option<String> {
        let text = self.optional(column);
        if text.is_none() {
            self.wrong(column, "a value is needed", "a value in every row");
        }
        text
    }

    /// A value that may be missing. The outer `None` is one that does not fit, which is noted.
    pub fn value<T: FromStr>(&mut self, column: &str, expects: &str) -> Option<Option<T>> {
        let Some(text) = self.optional(column) else {
            return Some(None);
        };
        let parsed = text.parse().ok();
        if parsed.is_none() {
            self.wrong(column, format!("'{text}' does not fit"), expects);
        }
        parsed.map(Some)
    }

    /// A value that has to be there and fit.
    pub fn needed<T: FromStr>(&mut self, column: &str, expects: &str) -> Option<T> {
        self.required(column)?;
        self.value(column, expects).flatten()
    }

    /// Values with semicolons between them.
    pub fn list(&self, column: &str) -> Vec<String> {
        let text = self.text(column);
        text.split(';')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// Notes what is wrong with a value, and what would be right.
    pub fn wrong(&mut self, column: &str, wrong: impl Display, right: impl Display) {
        self.problems.push(RowProblem {
            line: self.line,
            column: Some(column.to_owned()),
            wrong: wrong.to_string(),
            right: right.to_string(),
        });
    }

    /// The line of the file.
    pub fn line(&self) -> u64 {
        self.line
    }
}
