//! CSV files with named columns. What is wrong is collected with its line and column, so that a file is mended once.

use std::fmt::{Display, Write};
use std::path::Path;
use std::str::FromStr;

use anyhow::{Context, Result, anyhow, bail};
use csv::StringRecord;

/// How many errors are shown; the rest is counted.
const SHOWN: usize = 50;

/// A file that has been read, with what was wrong in it so far.
pub struct Sheet {
    name: String,
    columns: Vec<String>,
    rows: Vec<(u64, StringRecord)>,
    errors: Vec<String>,
}

impl Sheet {
    /// Reads a file with these columns, in any order. `-` is standard input.
    pub fn read(path: &Path, required: &[&str], optional: &[&str]) -> Result<Self> {
        let name = path.display().to_string();
        let input: Box<dyn std::io::Read> = if name == "-" {
            Box::new(std::io::stdin())
        } else {
            Box::new(std::fs::File::open(path).with_context(|| format!("cannot read {name}"))?)
        };
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_reader(input);
        let headers = reader
            .headers()
            .with_context(|| format!("cannot read the columns of {name}"))?;
        // Spreadsheets like to put a byte order mark in front.
        let columns: Vec<String> = headers
            .iter()
            .map(|column| column.trim_start_matches('\u{feff}').to_lowercase())
            .collect();
        check_columns(&name, &columns, required, optional)?;
        let mut sheet = Sheet {
            name,
            columns,
            rows: Vec::new(),
            errors: Vec::new(),
        };
        for record in reader.records() {
            match record {
                Ok(record) => {
                    let line = record.position().map_or(0, csv::Position::line);
                    sheet.rows.push((line, record));
                }
                Err(error) if matches!(error.kind(), csv::ErrorKind::Io(_)) => {
                    return Err(error.into());
                }
                Err(error) => {
                    let line = error.position().map_or(0, csv::Position::line);
                    sheet
                        .errors
                        .push(format!("line {line}: {}", what_is_wrong(error.kind())));
                }
            }
        }
        if sheet.rows.is_empty() && sheet.errors.is_empty() {
            bail!("{} has no rows", sheet.name);
        }
        Ok(sheet)
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
            errors,
            ..
        } = self;
        let mut made = Vec::with_capacity(rows.len());
        for (line, record) in rows.iter() {
            made.extend(make(&mut Row {
                columns,
                record,
                line: *line,
                errors,
            }));
        }
        made
    }

    /// The line of the row with this index.
    pub fn line(&self, index: usize) -> u64 {
        self.rows.get(index).map_or(0, |(line, _)| *line)
    }

    /// Fails if anything was wrong, and says all of it.
    pub fn check(&self) -> Result<()> {
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(self.refusal(&self.errors))
        }
    }

    /// What the use case found, whose pointers are `#/ROW/field`; `line` says which line made which row.
    pub fn refused(
        &self,
        error: orchestrator::Error,
        line: impl Fn(usize) -> u64,
    ) -> anyhow::Error {
        let orchestrator::Error::Invalid(fields) = error else {
            return error.into();
        };
        let told = fields.iter().map(|field| {
            let path = field.pointer.trim_start_matches("#/");
            let (row, column) = path.split_once('/').unwrap_or((path, ""));
            match row.parse::<usize>() {
                Ok(row) => format!("line {}, {column}: {}", line(row), field.detail),
                Err(_) => field.detail.clone(),
            }
        });
        self.refusal(&told.collect::<Vec<_>>())
    }

    fn refusal(&self, errors: &[String]) -> anyhow::Error {
        let mut text = format!("{}: nothing was imported", self.name);
        for error in errors.iter().take(SHOWN) {
            let _ = write!(text, "\n  {error}");
        }
        if errors.len() > SHOWN {
            let _ = write!(text, "\n  … and {} more", errors.len() - SHOWN);
        }
        anyhow!(text)
    }
}

fn check_columns(
    file: &str,
    columns: &[String],
    required: &[&str],
    optional: &[&str],
) -> Result<()> {
    let missing: Vec<_> = required
        .iter()
        .filter(|name| !columns.iter().any(|column| column == *name))
        .copied()
        .collect();
    if !missing.is_empty() {
        bail!("{file} lacks the column {}", missing.join(", "));
    }
    for (i, column) in columns.iter().enumerate() {
        if !required.contains(&column.as_str()) && !optional.contains(&column.as_str()) {
            let all = [required, optional].concat().join(", ");
            bail!(
                "{file} has a column '{column}', which means nothing here; the columns are {all}"
            );
        }
        if columns[..i].contains(column) {
            bail!("{file} has the column '{column}' twice");
        }
    }
    Ok(())
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
    errors: &'a mut Vec<String>,
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
            self.wrong(column, "a value is needed");
        }
        text
    }

    /// A value that may be missing. The outer `None` is one that does not fit, which is noted.
    #[expect(clippy::option_option, reason = "missing and wrong are two things")]
    pub fn value<T: FromStr>(&mut self, column: &str, expects: &str) -> Option<Option<T>> {
        let Some(text) = self.optional(column) else {
            return Some(None);
        };
        let parsed = text.parse().ok();
        if parsed.is_none() {
            self.wrong(column, format!("'{text}' is not {expects}"));
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

    /// Notes what is wrong with a value.
    pub fn wrong(&mut self, column: &str, detail: impl Display) {
        self.errors
            .push(format!("line {}, {column}: {detail}", self.line));
    }

    pub fn line(&self) -> u64 {
        self.line
    }
}

/// A use case's refusal as people read it.
pub fn plainly(error: orchestrator::Error) -> anyhow::Error {
    match error {
        orchestrator::Error::Invalid(fields) => {
            let told: Vec<_> = fields
                .iter()
                .map(|f| format!("{}: {}", f.pointer.trim_start_matches("#/"), f.detail))
                .collect();
            anyhow!(told.join("\n"))
        }
        other => other.into(),
    }
}
