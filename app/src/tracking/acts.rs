//! What customers do themselves: choose, see what it means, confirm. Every step is a form of its own.

use chrono::NaiveDate;
use engine::model::{Address, TrackedItem};

use super::frame::Frame;
use super::markup::{Markup, html};

/// What every form needs.
pub struct Act<'a> {
    /// The order's own path.
    pub path: &'a str,
    /// Makes what is confirmed happen once, however often the form is sent.
    pub once: &'a str,
    /// What was wrong with what was sent.
    pub wrong: Option<String>,
}

impl Act<'_> {
    fn wrong(&self) -> Option<Markup> {
        self.wrong.as_ref().map(|text| {
            html!(
                "<p class=\"card note bad\" role=\"alert\">{text}</p>",
                text = text
            )
        })
    }

    fn page(&self, frame: &Frame<'_>, title: &str, body: Markup) -> String {
        let main = html!(
            "<main>{wrong}<h1>{title}</h1>{body}<p><a href=\"{path}\">{back}</a></p></main>",
            wrong = self.wrong(),
            title = title,
            body = body,
            path = self.path,
            back = frame.text("back"),
        );
        frame.document(title, main)
    }

    fn form(&self, what: &str, fields: Markup, button: &str) -> Markup {
        html!(
            "<form class=\"card\" method=\"post\" action=\"{path}/{what}\"><input type=\"hidden\" name=\"once\" value=\"{once}\">{fields}<button>{button}</button></form>",
            path = self.path,
            what = what,
            once = self.once,
            fields = fields,
            button = button,
        )
    }
}

/// Which lines to cancel.
pub fn cancel(frame: &Frame<'_>, act: &Act<'_>, items: &[TrackedItem]) -> String {
    let picks: Vec<_> = items
        .iter()
        .map(|item| {
            html!(
                "<label class=\"pick\"><input type=\"checkbox\" name=\"line\" value=\"{line}\"> <span>{name} <span class=\"muted\">{units}</span></span></label>",
                line = item.line.to_string(),
                name = item.name,
                units = frame.counted("units", item.quantity.unsigned_abs()),
            )
        })
        .collect();
    let fields = html!(
        "<fieldset><legend>{legend}</legend>{picks}</fieldset>",
        legend = frame.text("cancel_which"),
        picks = picks,
    );
    let form = act.form("cancel", fields, frame.text("cancel_ask"));
    act.page(frame, frame.text("act.cancel"), form)
}

/// What it means to cancel these.
pub fn confirm_cancel(
    frame: &Frame<'_>,
    act: &Act<'_>,
    chosen: &[TrackedItem],
    refund: Option<String>,
) -> String {
    let hidden: Vec<_> = chosen
        .iter()
        .map(|item| {
            let line = item.line.to_string();
            html!(
                "<input type=\"hidden\" name=\"line\" value=\"{line}\">",
                line = line
            )
        })
        .collect();
    let refund = refund.map(|amount| {
        let text = frame.with("cancel_refund", &[("amount", &amount)]);
        html!("<p>{text}</p>", text = text)
    });
    let fields = html!(
        "{hidden}<input type=\"hidden\" name=\"confirmed\" value=\"yes\">{items}{refund}",
        hidden = hidden,
        items = super::order::items(frame, chosen),
        refund = refund,
    );
    let form = act.form("cancel", fields, frame.text("cancel_confirm"));
    act.page(frame, frame.text("act.cancel"), form)
}

fn field(label: &str, name: &str, value: &str, complete: &str, required: bool) -> Markup {
    html!(
        "<label>{label}<input type=\"text\" name=\"{name}\" value=\"{value}\" maxlength=\"200\" autocomplete=\"{complete}\"{required}></label>",
        label = label,
        name = name,
        value = value,
        complete = complete,
        required = required.then(|| Markup(" required".to_owned())),
    )
}

/// Where it shall go.
pub fn address(frame: &Frame<'_>, act: &Act<'_>, address: &Address) -> String {
    let text = |key: &str| frame.text(&format!("address_{key}"));
    let line2 = address.line2.as_deref().unwrap_or_default();
    let fields = vec![
        field(text("name"), "name", &address.name, "name", false),
        field(
            text("line1"),
            "line1",
            &address.line1,
            "address-line1",
            true,
        ),
        field(text("line2"), "line2", line2, "address-line2", false),
        field(text("city"), "city", &address.city, "address-level2", true),
        field(
            text("region"),
            "region",
            &address.region,
            "address-level1",
            false,
        ),
        field(
            text("postal"),
            "postal_code",
            &address.postal_code,
            "postal-code",
            true,
        ),
    ];
    let fields = html!("{fields}", fields = fields);
    let form = act.form("address", fields, text("check"));
    act.page(frame, frame.text("act.address"), form)
}

/// What the other address would mean.
pub fn confirm_address(
    frame: &Frame<'_>,
    act: &Act<'_>,
    address: &Address,
    promise: &str,
    by: Option<(NaiveDate, NaiveDate)>,
) -> String {
    let line2 = address.line2.as_deref().unwrap_or_default();
    let hidden = |name: &str, value: &str| {
        html!(
            "<input type=\"hidden\" name=\"{name}\" value=\"{value}\">",
            name = name,
            value = value
        )
    };
    let fields = vec![
        hidden("name", &address.name),
        hidden("line1", &address.line1),
        hidden("line2", line2),
        hidden("city", &address.city),
        hidden("region", &address.region),
        hidden("postal_code", &address.postal_code),
        hidden("promise", promise),
        hidden("confirmed", "yes"),
    ];
    let date = match by {
        Some((by, today)) => {
            let date = frame.locale.date(by, today);
            frame.with("address_new_date", &[("date", &date)])
        }
        None => frame.text("address_no_date").to_owned(),
    };
    let shown: Vec<_> = [
        address.name.as_str(),
        &address.line1,
        line2,
        &address.city,
        &address.region,
        &address.postal_code,
    ]
    .into_iter()
    .filter(|part| !part.is_empty())
    .map(|part| html!("{part}<br>", part = part))
    .collect();
    let fields = html!(
        "{fields}<p>{shown}</p><p><strong>{date}</strong></p><p>{price}</p>",
        fields = fields,
        shown = shown,
        date = date,
        price = frame.text("address_no_price"),
    );
    let form = act.form("address", fields, frame.text("address_confirm"));
    act.page(frame, frame.text("act.address"), form)
}

/// What is wrong.
pub fn problem(frame: &Frame<'_>, act: &Act<'_>, kinds: &[&str]) -> String {
    let picks: Vec<_> = kinds
        .iter()
        .map(|kind| {
            html!(
                "<label class=\"pick\"><input type=\"radio\" name=\"kind\" value=\"{kind}\" required> {label}</label>",
                kind = kind,
                label = frame.text(&format!("problem.{kind}")),
            )
        })
        .collect();
    let fields = html!(
        "<p>{checks}</p><fieldset><legend>{legend}</legend>{picks}</fieldset>\
         <label>{text}<textarea name=\"text\" rows=\"4\" maxlength=\"1000\"></textarea></label>",
        checks = frame.text("problem_checks"),
        legend = frame.text("problem_what"),
        picks = picks,
        text = frame.text("problem_text"),
    );
    let form = act.form("problem", fields, frame.text("problem_send"));
    act.page(frame, frame.text("act.problem"), form)
}

/// Where a code was sent, or why none can be.
pub enum CodeState {
    /// Not asked for yet.
    Asked,
    /// To this address, masked.
    Sent(String),
    Wrong,
    NoMail,
    TooMany,
}

/// Asks for a code before something that moves money or goods. `next` is what it is for.
pub fn code(frame: &Frame<'_>, act: &Act<'_>, next: &str, state: &CodeState) -> String {
    let note = |key: &str| {
        html!(
            "<p class=\"card note bad\" role=\"alert\">{text}</p>",
            text = frame.text(key)
        )
    };
    let hidden = html!(
        "<input type=\"hidden\" name=\"next\" value=\"{next}\">",
        next = next
    );
    let enter = || {
        let fields = html!(
            "{hidden}<label>{label}<input type=\"text\" class=\"code\" name=\"code\" inputmode=\"numeric\" autocomplete=\"one-time-code\" maxlength=\"12\" required></label>",
            hidden = hidden,
            label = frame.text("code_enter"),
        );
        act.form("code", fields, frame.text("code_go"))
    };
    let send = || act.form("code", hidden.clone(), frame.text("code_send"));
    let body = match state {
        CodeState::Asked => html!(
            "<p>{help}</p>{send}",
            help = frame.text("code_help"),
            send = send(),
        ),
        CodeState::Sent(mail) => {
            let sent = frame.with("code_sent", &[("mail", mail)]);
            html!(
                "<p role=\"status\">{sent}</p>{enter}",
                sent = sent,
                enter = enter()
            )
        }
        CodeState::Wrong => html!(
            "{note}{enter}{send}",
            note = note("code_wrong"),
            enter = enter(),
            send = send(),
        ),
        CodeState::NoMail => note("code_none"),
        CodeState::TooMany => note("code_many"),
    };
    act.page(frame, frame.text("code"), body)
}
