use engine::model::Page;

use crate::{Error, Result};

/// Which page of a list.
#[derive(Debug, Clone, Default)]
pub struct PageRequest {
    /// Rows, 1 to 200.
    pub limit: u64,
    /// From the page before; `None` for the first.
    pub cursor: Option<String>,
    /// Whether to count all rows that match.
    pub with_total: bool,
}

impl PageRequest {
    pub const MAX: u64 = 200;

    pub fn first(limit: u64) -> Self {
        PageRequest {
            limit,
            cursor: None,
            with_total: false,
        }
    }

    pub(crate) fn limit(&self) -> Result<u64> {
        match self.limit {
            1..=Self::MAX => Ok(self.limit),
            n => Err(Error::field(
                "#/limit",
                format!("limit is {n}; it goes from 1 to {}", Self::MAX),
            )),
        }
    }

    /// What the cursor holds, which is whatever [`page_of`] was told to put into it.
    pub(crate) fn after(&self) -> Result<Option<String>> {
        self.cursor
            .as_deref()
            .map(|cursor| decode(cursor).ok_or_else(bad_cursor))
            .transpose()
    }

    /// A cursor that is a number.
    pub(crate) fn after_number(&self) -> Result<Option<i64>> {
        self.after()?
            .map(|text| text.parse().map_err(|_| bad_cursor()))
            .transpose()
    }
}

pub(crate) fn bad_cursor() -> Error {
    Error::field(
        "#/cursor",
        "this cursor was not made here; leave it out for the first page",
    )
}

/// Makes a page of rows that were read with one more than asked for; `key` says where the next page starts.
pub(crate) fn page_of<T>(
    mut rows: Vec<T>,
    limit: u64,
    total: Option<u64>,
    key: impl Fn(&T) -> String,
) -> Page<T> {
    let more = rows.len() as u64 > limit;
    rows.truncate(limit as usize);
    let next_cursor = if more {
        rows.last().map(|last| encode(&key(last)))
    } else {
        None
    };
    Page {
        items: rows,
        next_cursor,
        total,
    }
}

// Hexadecimal keeps cursors opaque and safe in any URL.
fn encode(text: &str) -> String {
    text.bytes()
        .fold(String::with_capacity(text.len() * 2), |mut out, byte| {
            use std::fmt::Write;
            let _ = write!(out, "{byte:02x}");
            out
        })
}

fn decode(cursor: &str) -> Option<String> {
    if !cursor.is_ascii() || !cursor.len().is_multiple_of(2) || cursor.len() > 2_000 {
        return None;
    }
    let bytes: Option<Vec<u8>> = (0..cursor.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&cursor[i..i + 2], 16).ok())
        .collect();
    String::from_utf8(bytes?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_a_foreign_one_is_refused() {
        assert_eq!(
            decode(&encode("stock\u{1}ü")).as_deref(),
            Some("stock\u{1}ü")
        );
        for bad in ["zz", "abc", "ü", "ff"] {
            assert_eq!(decode(bad), None, "{bad}");
        }
    }
}
