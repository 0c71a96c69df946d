use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use axum::extract::{FromRequestParts, Query};
use http::request::Parts;
use orchestrator::PageRequest;

use crate::problem::Problem;

/// The query's parameters. One that is given several times is a list, like one with commas.
pub struct Params(BTreeMap<String, String>);

impl<S: Sync> FromRequestParts<S> for Params {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Query(pairs) =
            Query::<Vec<(String, String)>>::try_from_uri(&parts.uri).map_err(|error| {
                Problem::malformed(None, format!("the query cannot be read: {error}"))
            })?;
        let mut params = BTreeMap::<String, String>::new();
        for (name, value) in pairs {
            params
                .entry(name)
                .and_modify(|known| *known = format!("{known},{value}"))
                .or_insert(value);
        }
        Ok(Params(params))
    }
}

impl Params {
    /// Refuses a parameter that is none of these: a filter with a typo would silently show everything.
    pub fn only(self, known: &[&str]) -> Result<Self, Problem> {
        match self.0.keys().find(|name| !known.contains(&name.as_str())) {
            None => Ok(self),
            Some(name) if known.is_empty() => Err(Problem::field(
                format!("#/{name}"),
                format!("unknown parameter '{name}': this takes none"),
            )),
            Some(name) => Err(Problem::field(
                format!("#/{name}"),
                format!(
                    "unknown parameter '{name}'; the parameters are {}",
                    known.join(", ")
                ),
            )),
        }
    }

    /// The text, if it is there and not empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|text| !text.is_empty())
    }

    /// One value; the error of its type says what would be right.
    pub fn one<T: FromStr<Err: Display>>(&self, name: &str) -> Result<Option<T>, Problem> {
        let parsed = self.text(name).map(str::parse::<T>).transpose();
        parsed.map_err(|error| Problem::field(format!("#/{name}"), error.to_string()))
    }

    /// Values with commas between them.
    pub fn list<T: FromStr<Err: Display>>(&self, name: &str) -> Result<Vec<T>, Problem> {
        let items = self
            .text(name)
            .unwrap_or_default()
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty());
        items
            .map(|item| {
                item.parse()
                    .map_err(|error: T::Err| Problem::field(format!("#/{name}"), error.to_string()))
            })
            .collect()
    }

    /// A whole number.
    pub fn number(&self, name: &str) -> Result<Option<i64>, Problem> {
        let wrong = |text: &str| {
            Problem::field(
                format!("#/{name}"),
                format!("{name} is '{text}', not a whole number"),
            )
        };
        self.text(name)
            .map(|text| text.parse().map_err(|_| wrong(text)))
            .transpose()
    }

    /// `limit`, `cursor` and `total`.
    pub fn page(&self) -> Result<PageRequest, Problem> {
        let limit = self.number("limit")?.unwrap_or(50);
        Ok(PageRequest {
            limit: u64::try_from(limit).unwrap_or(0),
            cursor: self.text("cursor").map(str::to_owned),
            with_total: self.one::<bool>("total")?.unwrap_or(false),
        })
    }
}
