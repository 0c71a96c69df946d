//! A promise as a piece of HTML: what pages show without a script, and e-mails.

use std::fmt::Write;

use engine::model::{PromiseChoice, PromiseView};

/// A group with a sentence for each option; nothing where nothing is to be said.
pub fn of(view: &PromiseView) -> String {
    let mut out = String::new();
    if view.options.is_empty() && view.text.is_empty() {
        return out;
    }
    let (id, locale) = (view.id, escape(&view.locale));
    let _ = write!(
        out,
        "<div class=\"delivery-promise\" role=\"group\" lang=\"{locale}\" data-promise=\"{id}\" data-expires-at=\"{}\">",
        view.expires_at
            .to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    );
    if view.options.is_empty() {
        let _ = write!(out, "<p>{}</p>", escape(&view.text));
    }
    for option in &view.options {
        write_option(&mut out, option);
    }
    out.push_str("</div>");
    out
}

fn write_option(out: &mut String, option: &PromiseChoice) {
    let text = &option.text;
    let _ = write!(out, "<p data-option=\"{}\">", escape(&option.id));
    match option.date {
        Some(date) => {
            let _ = write!(
                out,
                "<time datetime=\"{}\" aria-label=\"{}\">{}</time>",
                date.by,
                escape(&text.accessible),
                escape(&text.sentence)
            );
        }
        None => out.push_str(&escape(&text.sentence)),
    }
    let store = option.store.as_ref().map(|store| store.name.as_str());
    let more = [
        Some(text.place.as_str()),
        store,
        Some(text.price.as_str()),
        text.packages.as_deref(),
        text.assurance.as_deref(),
    ];
    for part in more.into_iter().flatten().filter(|part| !part.is_empty()) {
        let _ = write!(out, " <span>{}</span>", escape(part));
    }
    out.push_str("</p>");
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
