//! What is wrong with files and values, as the command line says it.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use engine::model::RowProblem;
use orchestrator::sheet::Sheet;

/// How many problems are shown; the rest is counted.
const SHOWN: usize = 50;

/// A file by its name. `-` is standard input.
pub struct File {
    path: PathBuf,
    pub content: Vec<u8>,
}

impl File {
    pub fn read(path: &Path) -> Result<Self> {
        let mut content = Vec::new();
        if path == Path::new("-") {
            std::io::Read::read_to_end(&mut std::io::stdin(), &mut content)?;
        } else {
            content =
                std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        }
        let path = path.to_owned();
        Ok(File { path, content })
    }

    /// Fails if anything was wrong, and says all of it.
    pub fn check(&self, problems: &[RowProblem]) -> Result<()> {
        if problems.is_empty() {
            return Ok(());
        }
        let told: Vec<_> = problems.iter().map(ToString::to_string).collect();
        Err(self.refusal(&told))
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

    /// The same for a sheet of which every row became a value.
    pub fn refused_row(&self, error: orchestrator::Error, sheet: &Sheet) -> anyhow::Error {
        self.refused(error, |row| sheet.line(row))
    }

    fn refusal(&self, errors: &[String]) -> anyhow::Error {
        let mut text = format!("{}: nothing was imported", self.path.display());
        for error in errors.iter().take(SHOWN) {
            let _ = write!(text, "\n  {error}");
        }
        if errors.len() > SHOWN {
            let _ = write!(text, "\n  … and {} more", errors.len() - SHOWN);
        }
        anyhow!(text)
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
