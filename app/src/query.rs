//! Addresses whose query holds what a list shows.

use std::fmt::Write;

use leptos_router::params::ParamsMap;

/// A parameter's text, if it is there and not blank.
pub fn text(params: &ParamsMap, key: &str) -> Option<String> {
    params
        .get(key)
        .map(|value| value.trim().to_owned())
        .filter(|value| !value.is_empty())
}

/// `key=value` for each pair that has a value, without `?`.
pub fn written<'a>(pairs: impl IntoIterator<Item = (&'a str, Option<String>)>) -> String {
    let pairs: Vec<_> = pairs
        .into_iter()
        .filter_map(|(key, value)| Some(format!("{key}={}", encoded(&value?))))
        .collect();
    pairs.join("&")
}

/// A part of a path, or a value of a query.
pub fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        // A comma has no meaning of its own in a query, and reads better without its code.
        if byte.is_ascii_alphanumeric() || b"-_.~,".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

/// Which page of a list the address asks for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PagePlace {
    pub cursor: Option<String>,
    /// Rows before this page.
    pub before: u64,
}

impl PagePlace {
    pub fn read(params: &ParamsMap) -> Self {
        PagePlace {
            cursor: text(params, "cursor"),
            before: text(params, "before")
                .and_then(|n| n.parse().ok())
                .unwrap_or(0),
        }
    }

    /// As addresses have it.
    pub fn pairs(&self) -> [(&'static str, Option<String>); 2] {
        let before = (self.before > 0).then(|| self.before.to_string());
        [("cursor", self.cursor.clone()), ("before", before)]
    }
}
