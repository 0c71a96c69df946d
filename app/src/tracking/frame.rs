//! The document around every page for customers.

use engine::model::TrackedMerchant;
use engine::promise::{Locale, Value};

use super::markup::{Markup, html};

/// Keeps an open page up to date.
pub const SCRIPT: &str = include_str!("live.js");
const STYLE: &str = include_str!("style.css");

/// What a page needs beside its content.
pub struct Frame<'a> {
    pub locale: &'static Locale,
    /// Of the style, which stands in the page.
    pub nonce: &'a str,
    /// Whose page it is; Baton's own where that is not to be said.
    pub merchant: Option<&'a TrackedMerchant>,
    /// Whether black reads better than white on the merchant's color.
    pub is_dark: bool,
}

impl Frame<'_> {
    pub(super) fn text(&self, key: &str) -> &str {
        self.locale.message(&format!("track.{key}"))
    }

    pub(super) fn with(&self, key: &str, texts: &[(&str, &str)]) -> String {
        let values: Vec<_> = texts
            .iter()
            .map(|(name, text)| (*name, Value::Text(text)))
            .collect();
        self.locale.say(&format!("track.{key}"), &values)
    }

    pub(super) fn counted(&self, key: &str, count: u64) -> String {
        let values = [("count", Value::Number(count))];
        self.locale.say(&format!("track.{key}"), &values)
    }

    /// The whole document. `main` has its own `<main>`.
    pub(super) fn document(&self, title: &str, main: Markup) -> String {
        let name = self.merchant.map_or("", |merchant| merchant.name.as_str());
        let color = self.merchant.map_or("#3f37b5", |merchant| &merchant.color);
        // The name stands beside the picture, so the picture says nothing more.
        let logo = self
            .merchant
            .and_then(|merchant| merchant.logo_url.as_ref());
        let logo = logo.map(|url| html!("<img src=\"{url}\" alt=\"\">", url = url));
        let brand = (!name.is_empty()).then(|| {
            html!(
                "<header class=\"brand\"><div>{logo}<span>{name}</span></div></header>",
                logo = logo,
                name = name,
            )
        });
        let on_brand = if self.is_dark { "#fff" } else { "#000" };
        let title = if name.is_empty() {
            title.to_owned()
        } else {
            format!("{title} · {name}")
        };
        let page = html!(
            "<!DOCTYPE html><html lang=\"{lang}\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
             <meta name=\"robots\" content=\"noindex,nofollow\"><title>{title}</title>\
             <link rel=\"icon\" href=\"data:,\">\
             <style nonce=\"{nonce}\">{style}:root{{--brand:{color};--on-brand:{on_brand}}}</style>\
             <script src=\"/t/live.js\" defer></script></head>\
             <body>{brand}{main}<p id=\"news\" class=\"sr\" role=\"status\"></p></body></html>",
            lang = self.locale.tag(),
            title = title,
            nonce = self.nonce,
            // Ours, and as CSS has it.
            style = Markup(STYLE.to_owned()),
            color = color,
            on_brand = on_brand,
            brand = brand,
            main = main,
        );
        page.0
    }
}
