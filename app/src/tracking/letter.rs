//! What customers are written: HTML that every mail program shows, the same as text, and for machines what it is about.

use engine::model::{MessageKind, TrackedItem};
use engine::promise::{Locale, Value};
use orchestrator::messages::Letter;
use serde_json::json;

use super::markup::{Markup, html};

/// A letter, written out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub subject: String,
    pub html: String,
    pub text: String,
}

/// Writes a letter out. `base` is how browsers reach this server.
pub fn write(letter: &Letter, base: &str, today: chrono::NaiveDate) -> Written {
    let locale = Locale::of(&letter.view.locale);
    let say = Say { locale, letter };
    let link = letter.link.as_ref().map(|path| format!("{base}{path}"));
    let subject = say.with("subject");
    let headline = match letter.kind {
        MessageKind::Code => letter.code.clone().unwrap_or_default(),
        MessageKind::Cancelled if letter.view.state != engine::model::TrackedState::Cancelled => {
            say.plain("part_cancelled")
        }
        MessageKind::AddressChanged | MessageKind::ProblemReceived | MessageKind::Link => {
            say.with("subject")
        }
        // What the letter tells of, and not what became of it while the letter waited to be sent.
        MessageKind::Delivered => say.package_headline(),
        _ => letter.view.headline.clone(),
    };
    let mut lines = vec![say.plain("intro")];
    if letter.kind == MessageKind::Delayed {
        if let Some(reason) = letter.reason {
            let reason = locale.message(&format!("track.reason.{reason}"));
            lines.push(locale.say("track.delayed", &[("reason", Value::Text(reason))]) + ".");
        }
        if let Some(before) = letter.said_before {
            let before = locale.date(before, today);
            lines.push(locale.say(
                "track.letter.said_before",
                &[("date", Value::Text(&before))],
            ));
        }
        lines.push(match letter.view.expected_by {
            Some(day) => {
                let day = locale.date(day, today);
                locale.say("track.letter.now_expected", &[("date", Value::Text(&day))])
            }
            None => locale.message("track.no_date").to_owned(),
        });
        lines.extend(say.choices());
    }
    let shows_items = !matches!(
        letter.kind,
        MessageKind::Code | MessageKind::Link | MessageKind::ProblemReceived
    );
    let items = if shows_items { say.items() } else { &[] };
    let number = letter.package.as_ref().and_then(|package| {
        let carrier = package.carrier.as_deref()?;
        let number = package.tracking_number.as_deref()?;
        let values = [
            ("carrier", Value::Text(carrier)),
            ("number", Value::Text(number)),
        ];
        Some(locale.say("track.number", &values))
    });
    let place = letter
        .package
        .as_ref()
        .and_then(|package| package.place.clone());
    let code = letter.package.as_ref().and_then(|package| {
        let code = package.pickup_code.as_deref()?;
        Some(locale.say("track.pickup_code", &[("code", Value::Text(code))]))
    });
    let kept = letter.package.as_ref().filter(|_| code.is_some());
    let kept = kept.and_then(|package| package.detail.clone());
    let body = Body {
        say: &say,
        headline: &headline,
        lines: &lines,
        items,
        more: [code, kept, number, place].into_iter().flatten().collect(),
        link: link.as_deref().filter(|_| letter.kind != MessageKind::Code),
    };
    Written {
        html: body.html(&subject, machine(letter, link.as_deref())),
        text: body.text(),
        subject,
    }
}

struct Say<'a> {
    locale: &'static Locale,
    letter: &'a Letter,
}

impl Say<'_> {
    fn plain(&self, key: &str) -> String {
        let kind = self.letter.kind;
        let own = self.locale.message(&format!("track.letter.{kind}.{key}"));
        let own = if own.is_empty() {
            self.locale.message(&format!("track.letter.{key}"))
        } else {
            own
        };
        own.to_owned()
    }

    fn with(&self, key: &str) -> String {
        let view = &self.letter.view;
        let kind = self.letter.kind;
        let code = self.letter.code.as_deref().unwrap_or_default();
        let values = [
            ("reference", Value::Text(view.reference.as_str())),
            ("merchant", Value::Text(view.merchant.name.as_str())),
            ("code", Value::Text(code)),
        ];
        self.locale
            .say(&format!("track.letter.{kind}.{key}"), &values)
    }

    fn package_headline(&self) -> String {
        let package = self.letter.package.as_ref();
        package
            .map_or(&self.letter.view.headline, |package| &package.headline)
            .clone()
    }

    fn items(&self) -> &[TrackedItem] {
        let about = self
            .letter
            .package
            .as_ref()
            .map(|package| package.items.as_slice());
        let all = self
            .letter
            .view
            .summary
            .as_ref()
            .map(|summary| summary.items.as_slice());
        about.or(all).unwrap_or_default()
    }

    /// What the customer of a late package can do.
    fn choices(&self) -> Vec<String> {
        let possible = self
            .letter
            .view
            .actions
            .iter()
            .filter(|action| action.is_possible);
        let labels: Vec<_> = possible.map(|action| action.label.clone()).collect();
        let mut lines = vec![self.plain("wait")];
        if !labels.is_empty() {
            let labels = labels.join(", ");
            let values = [("actions", Value::Text(labels.as_str()))];
            lines.push(self.locale.say("track.letter.choices", &values));
        }
        lines
    }

    fn units(&self, item: &TrackedItem) -> String {
        let count = Value::Number(item.quantity.unsigned_abs());
        self.locale.say("track.units", &[("count", count)])
    }
}

struct Body<'a> {
    say: &'a Say<'a>,
    headline: &'a str,
    lines: &'a [String],
    items: &'a [TrackedItem],
    more: Vec<String>,
    link: Option<&'a str>,
}

impl Body<'_> {
    fn html(&self, subject: &str, machine: Option<Markup>) -> String {
        let view = &self.say.letter.view;
        let merchant = &view.merchant;
        let ink = if orchestrator::tracking::reads_white(&merchant.color) {
            "#ffffff"
        } else {
            "#000000"
        };
        let logo = merchant.logo_url.as_ref().map(|url| {
            html!(
                "<img src=\"{url}\" alt=\"\" height=\"32\" style=\"vertical-align:middle;margin-right:10px;height:32px\">",
                url = url,
            )
        });
        let lines: Vec<_> = self
            .lines
            .iter()
            .chain(&self.more)
            .map(|line| html!("<p style=\"margin:0 0 10px\">{line}</p>", line = line))
            .collect();
        let items: Vec<_> = self
            .items
            .iter()
            .map(|item| {
                html!(
                    "<tr><td style=\"padding:6px 0;border-top:1px solid #dddddd\">{name}</td>\
                     <td style=\"padding:6px 0;border-top:1px solid #dddddd;text-align:right\">{units}</td></tr>",
                    name = item.name,
                    units = self.say.units(item),
                )
            })
            .collect();
        let items = (!items.is_empty()).then(|| {
            html!(
                "<table role=\"presentation\" width=\"100%\" style=\"border-collapse:collapse;margin:12px 0\">{items}</table>",
                items = items,
            )
        });
        let button = self.link.map(|link| {
            html!(
                "<p style=\"margin:20px 0\"><a href=\"{link}\" style=\"background:{color};color:{ink};padding:12px 20px;\
                 border-radius:8px;text-decoration:none;font-weight:bold;display:inline-block\">{label}</a></p>",
                link = link,
                color = merchant.color,
                ink = ink,
                label = self.say.plain("button"),
            )
        });
        let page = html!(
            "<!DOCTYPE html><html lang=\"{lang}\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\"><title>{subject}</title>{machine}</head>\
             <body style=\"margin:0;background:#f5f5f8;color:#1b1b24;font-family:Arial,Helvetica,sans-serif;font-size:16px;line-height:1.5\">\
             <div style=\"background:{color};color:{ink};padding:14px 20px;font-weight:bold\">{logo}{merchant}</div>\
             <div style=\"max-width:600px;margin:0 auto;padding:24px 20px;background:#ffffff\">\
             <p style=\"margin:0 0 4px;color:#5b5b6e\">{order}</p>\
             <h1 style=\"font-size:24px;line-height:1.3;margin:0 0 14px\">{headline}</h1>{lines}{items}{button}\
             <p style=\"color:#5b5b6e;font-size:13px\">{why}</p></div></body></html>",
            lang = view.locale,
            subject = subject,
            machine = machine,
            color = merchant.color,
            ink = ink,
            logo = logo,
            merchant = merchant.name,
            order = self.order(),
            headline = self.headline,
            lines = lines,
            items = items,
            button = button,
            why = self.say.plain("why"),
        );
        page.0
    }

    fn order(&self) -> String {
        let reference = Value::Text(self.say.letter.view.reference.as_str());
        self.say
            .locale
            .say("track.title", &[("reference", reference)])
    }

    fn text(&self) -> String {
        let mut text = format!(
            "{}\n{}\n\n{}\n",
            self.say.letter.view.merchant.name,
            self.order(),
            self.headline
        );
        for line in self.lines.iter().chain(&self.more) {
            text.push('\n');
            text.push_str(line);
            text.push('\n');
        }
        if !self.items.is_empty() {
            text.push('\n');
        }
        for item in self.items {
            text.push_str(&format!("- {} ({})\n", item.name, self.say.units(item)));
        }
        if let Some(link) = self.link {
            text.push_str(&format!("\n{}: {link}\n", self.say.plain("button")));
        }
        text.push_str(&format!("\n{}\n", self.say.plain("why")));
        text
    }
}

/// What mail programs read: a package with its way, as schema.org names it.
fn machine(letter: &Letter, link: Option<&str>) -> Option<Markup> {
    if matches!(
        letter.kind,
        MessageKind::Code | MessageKind::Link | MessageKind::ProblemReceived
    ) {
        return None;
    }
    let address = letter.address.as_ref()?;
    let view = &letter.view;
    let status = match letter.kind {
        MessageKind::Cancelled => "OrderCancelled",
        MessageKind::Delivered => "OrderDelivered",
        MessageKind::ReadyToCollect => "OrderPickupAvailable",
        MessageKind::Delayed => "OrderProblem",
        MessageKind::Shipped | MessageKind::OutForDelivery => "OrderInTransit",
        _ => "OrderProcessing",
    };
    let package = letter.package.as_ref();
    let items = package.map(|package| &package.items);
    let items = items.or(view.summary.as_ref().map(|summary| &summary.items));
    let items: Vec<_> = items
        .into_iter()
        .flatten()
        .map(|item| json!({ "@type": "Product", "name": item.name }))
        .collect();
    let expected = package
        .and_then(|package| package.expected_by)
        .or(view.expected_by);
    let street: Vec<&str> = [Some(address.line1.as_str()), address.line2.as_deref()]
        .into_iter()
        .flatten()
        .collect();
    let mut data = json!({
        "@context": "http://schema.org",
        "@type": "ParcelDelivery",
        "deliveryAddress": {
            "@type": "PostalAddress", "name": address.name, "streetAddress": street.join(", "),
            "addressLocality": address.city, "addressRegion": address.region, "postalCode": address.postal_code,
            "addressCountry": address.country,
        },
        "itemShipped": items,
        "partOfOrder": {
            "@type": "Order", "orderNumber": view.reference, "orderStatus": format!("http://schema.org/{status}"),
            "merchant": { "@type": "Organization", "name": view.merchant.name },
        },
    });
    if let Some(day) = expected {
        data["expectedArrivalUntil"] = json!(day);
    }
    if let Some(package) = package {
        if let Some(carrier) = &package.carrier {
            data["carrier"] = json!({ "@type": "Organization", "name": carrier });
        }
        if let Some(number) = &package.tracking_number {
            data["trackingNumber"] = json!(number);
        }
    }
    if let Some(link) = link {
        data["trackingUrl"] = json!(link);
    }
    // Inside a script element nothing may look like its end.
    let data = data.to_string().replace('<', "\\u003c");
    Some(Markup(format!(
        "<script type=\"application/ld+json\">{data}</script>"
    )))
}
