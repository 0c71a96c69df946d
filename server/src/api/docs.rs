//! The API's page: the OpenAPI document as plain HTML, made on the server, with nothing to load from elsewhere.

use std::fmt::Write;

use serde_json::Value;

use crate::problem;

/// The whole page.
pub fn page(document: &Value, nonce: &str) -> String {
    let mut out = String::with_capacity(128 * 1024);
    let operations = operations(document);
    let tags: Vec<&Value> = list(&document["tags"]).collect();
    let _ = write!(
        out,
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Baton API</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><style nonce=\"{nonce}\">{STYLE}</style></head>\
         <body><a class=\"skip\" href=\"#main\">Skip to the calls</a><nav aria-label=\"Calls\"><h2>Calls</h2>"
    );
    for tag in &tags {
        let name = text(&tag["name"]);
        let _ = write!(out, "<h3>{}</h3><ul>", escape(name));
        for operation in operations.iter().filter(|o| o.tag == name) {
            let summary = escape(text(&operation.body["summary"]));
            let _ = write!(
                out,
                "<li><a href=\"#{}\">{summary}</a></li>",
                operation.anchor()
            );
        }
        out.push_str("</ul>");
    }
    out.push_str("<h3>More</h3><ul><li><a href=\"#problems\">Problems</a></li><li><a href=\"#shapes\">Shapes</a></li>\
        <li><a href=\"/api/v1/openapi.json\">OpenAPI document</a></li></ul></nav><main id=\"main\"><h1>Baton API</h1>");
    out.push_str(&paragraphs(text(&document["info"]["description"])));
    for tag in &tags {
        let name = text(&tag["name"]);
        let _ = write!(
            out,
            "<section><h2>{}</h2><p>{}</p>",
            escape(name),
            escape(text(&tag["description"]))
        );
        for operation in operations.iter().filter(|o| o.tag == name) {
            operation.write(&mut out);
        }
        out.push_str("</section>");
    }
    write_problems(&mut out);
    write_shapes(&mut out, &document["components"]["schemas"]);
    out.push_str("</main></body></html>");
    out
}

struct Operation<'a> {
    method: &'a str,
    path: &'a str,
    tag: &'a str,
    body: &'a Value,
}

fn operations(document: &Value) -> Vec<Operation<'_>> {
    let mut found = Vec::new();
    for (path, item) in object(&document["paths"]) {
        for (method, body) in object(item) {
            if let Some(tag) = body["tags"][0].as_str() {
                found.push(Operation {
                    method,
                    path,
                    tag,
                    body,
                });
            }
        }
    }
    found
}

impl Operation<'_> {
    fn anchor(&self) -> String {
        format!("call-{}", escape(text(&self.body["operationId"])))
    }

    fn write(&self, out: &mut String) {
        let body = self.body;
        let (id, summary) = (self.anchor(), escape(text(&body["summary"])));
        let (method, path) = (self.method.to_uppercase(), escape(self.path));
        let _ = write!(
            out,
            "<article id=\"{id}\"><h3>{summary}</h3><p><code><b>{method}</b> {path}</code></p>"
        );
        out.push_str(&paragraphs(text(&body["description"])));
        let mut parameters = list(&body["parameters"]).peekable();
        if parameters.peek().is_some() {
            out.push_str("<table><thead><tr><th scope=\"col\">Parameter</th><th scope=\"col\">In</th><th scope=\"col\">Type</th><th scope=\"col\">Meaning</th></tr></thead><tbody>");
            for parameter in parameters {
                let _ = write!(
                    out,
                    "<tr><td><code>{}</code></td><td>{}</td><td>{}</td><td>{}</td></tr>",
                    escape(text(&parameter["name"])),
                    escape(text(&parameter["in"])),
                    type_of(&parameter["schema"]),
                    inline(text(&parameter["description"])),
                );
            }
            out.push_str("</tbody></table>");
        }
        if let Some((kind, content)) = object(&body["requestBody"]["content"]).next() {
            let _ = match kind {
                "application/json" => write!(out, "<p>Body: {}</p>", type_of(&content["schema"])),
                other => write!(out, "<p>Body: <code>{}</code></p>", escape(other)),
            };
        }
        out.push_str("<ul>");
        for (status, response) in object(&body["responses"]) {
            let content = object(&response["content"]).next();
            let shape = content
                .map(|(_, content)| format!(": {}", type_of(&content["schema"])))
                .unwrap_or_default();
            let status = if status == "default" {
                "otherwise"
            } else {
                status
            };
            let _ = write!(
                out,
                "<li><b>{status}</b> {}{shape}</li>",
                escape(text(&response["description"]))
            );
        }
        out.push_str("</ul></article>");
    }
}

fn write_problems(out: &mut String) {
    out.push_str("<section id=\"problems\"><h2>Problems</h2><p>The <code>type</code> of a problem leads here.</p><dl>");
    for kind in problem::KINDS {
        let (slug, status) = (kind.slug, kind.status.as_u16());
        let _ = write!(
            out,
            "<dt id=\"problem-{slug}\"><code>{slug}</code> {status}: {}</dt><dd>{}</dd>",
            escape(kind.title),
            escape(kind.about)
        );
    }
    out.push_str("</dl></section>");
}

fn write_shapes(out: &mut String, schemas: &Value) {
    out.push_str("<section id=\"shapes\"><h2>Shapes</h2>");
    for (name, schema) in object(schemas) {
        let _ = write!(
            out,
            "<article id=\"shape-{}\"><h3>{}</h3>",
            escape(name),
            escape(name)
        );
        out.push_str(&paragraphs(text(&schema["description"])));
        // A shape may be put together from others.
        let parts: Vec<&Value> = match schema.get("allOf") {
            Some(all) => list(all).collect(),
            None => vec![schema],
        };
        for part in parts {
            write_shape(out, part);
        }
        out.push_str("</article>");
    }
    out.push_str("</section>");
}

fn write_shape(out: &mut String, schema: &Value) {
    if schema.get("properties").is_none() {
        let _ = write!(out, "<p>{}</p>", type_of(schema));
        return;
    }
    out.push_str("<table><thead><tr><th scope=\"col\">Field</th><th scope=\"col\">Type</th><th scope=\"col\">Meaning</th></tr></thead><tbody>");
    for (field, property) in object(&schema["properties"]) {
        let required = list(&schema["required"]).any(|name| name == field);
        let optional = if required {
            ""
        } else {
            " <small>optional</small>"
        };
        let _ = write!(
            out,
            "<tr><td><code>{}</code>{optional}</td><td>{}</td><td>{}</td></tr>",
            escape(field),
            type_of(property),
            inline(text(&property["description"])),
        );
    }
    out.push_str("</tbody></table>");
}

/// A schema in a few words, with links to the shapes that it names.
fn type_of(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = escape(reference.rsplit('/').next().unwrap_or_default());
        return format!("<a href=\"#shape-{name}\">{name}</a>");
    }
    for key in ["oneOf", "anyOf", "allOf"] {
        if let Some(options) = schema.get(key) {
            return list(options).map(type_of).collect::<Vec<_>>().join(" or ");
        }
    }
    if let Some(values) = schema.get("enum") {
        let values: Vec<_> = list(values)
            .map(|value| format!("<code>{}</code>", escape(text(value))))
            .collect();
        return values.join(", ");
    }
    let names: Vec<&str> = match &schema["type"] {
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        name => name.as_str().into_iter().collect(),
    };
    let words = names.iter().map(|name| match *name {
        "array" => format!("list of {}", type_of(&schema["items"])),
        "string" if schema["format"] == "date-time" => "time".to_owned(),
        "object"
            if schema
                .get("additionalProperties")
                .is_some_and(Value::is_object) =>
        {
            format!("map to {}", type_of(&schema["additionalProperties"]))
        }
        other => escape(other),
    });
    let words: Vec<String> = words.collect();
    if words.is_empty() {
        "anything".to_owned()
    } else {
        words.join(" or ")
    }
}

fn object(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.as_str(), value))
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// Text with `code` in it.
fn inline(text: &str) -> String {
    let mut out = String::new();
    for (i, part) in text.split('`').enumerate() {
        if i % 2 == 1 {
            let _ = write!(out, "<code>{}</code>", escape(part));
        } else {
            out.push_str(&escape(part));
        }
    }
    out
}

fn paragraphs(text: &str) -> String {
    let parts = text
        .split("\n\n")
        .map(str::trim)
        .filter(|part| !part.is_empty());
    parts.fold(String::new(), |mut out, part| {
        let _ = write!(out, "<p>{}</p>", inline(part));
        out
    })
}

const STYLE: &str = "
:root { color-scheme: light dark; --line: light-dark(#d5d8de, #363b45); --dim: light-dark(#555c68, #a4abb8);
  --link: light-dark(#0b57d0, #8ab4f8); --code: light-dark(#f1f3f6, #22262e); }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; background: light-dark(#fff, #14171c); color: light-dark(#1a1d23, #e7e9ee); }
a { color: var(--link); }
.skip { position: absolute; left: -100vw; } .skip:focus { left: 1rem; top: 1rem; background: var(--code); padding: .5rem; }
nav { padding: 1rem 1.5rem; border-bottom: 1px solid var(--line); }
nav h2 { font-size: 1rem; margin: 0; } nav h3 { font-size: .8rem; margin: 1rem 0 .25rem; color: var(--dim); }
nav ul { list-style: none; margin: 0; padding: 0; font-size: .9rem; }
main { padding: 1rem 1.5rem 6rem; max-width: 60rem; }
article { border-top: 1px solid var(--line); padding: .5rem 0 1rem; } article h3 { margin: .5rem 0; }
code { background: var(--code); padding: .1em .3em; border-radius: 4px; font-size: .9em; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; } th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); }
th, small { color: var(--dim); font-weight: 500; } dt { margin-top: 1rem; font-weight: 600; } dd { margin: 0; } :target { scroll-margin-top: 1rem; outline: 2px solid var(--link); outline-offset: 4px; }
@media (min-width: 60rem) { body { display: grid; grid-template-columns: 17rem 1fr; } nav { position: sticky; top: 0; height: 100vh; overflow: auto; border: 0; border-right: 1px solid var(--line); } }
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_the_document_cannot_become_markup() {
        assert_eq!(inline("a <b> `c<d`"), "a &lt;b&gt; <code>c&lt;d</code>");
    }
}
