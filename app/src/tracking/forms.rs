//! Pages with a form, and what answers them.

use super::frame::Frame;
use super::markup::{Markup, html};

/// Where one asks for the link of an order. The answer is always the same, whatever was entered.
pub fn lookup(frame: &Frame<'_>, said: Option<&str>) -> String {
    let said = said.map(|key| {
        html!(
            "<p class=\"card note\" role=\"status\">{text}</p>",
            text = frame.text(key),
        )
    });
    let main = html!(
        "<main>{said}<h1>{title}</h1><p class=\"muted\">{help}</p>{form}</main>",
        said = said,
        title = frame.text("lookup"),
        help = frame.text("lookup_help"),
        form = form(frame),
    );
    frame.document(frame.text("lookup"), main)
}

/// A link that opens nothing.
pub fn not_found(frame: &Frame<'_>) -> String {
    let main = html!(
        "<main><h1>{title}</h1><p>{help}</p>{form}</main>",
        title = frame.text("not_found"),
        help = frame.text("not_found_help"),
        form = form(frame),
    );
    frame.document(frame.text("not_found"), main)
}

/// A link that was made to be shared.
pub fn shared(frame: &Frame<'_>, link: &str, back: &str) -> String {
    let main = html!(
        "<main><h1>{title}</h1><p>{done}</p><p class=\"card\"><a href=\"{link}\">{link}</a></p><p><a href=\"{back}\">{label}</a></p></main>",
        title = frame.text("share"),
        done = frame.text("share_done"),
        link = link,
        back = back,
        label = frame.text("back"),
    );
    frame.document(frame.text("share"), main)
}

fn form(frame: &Frame<'_>) -> Markup {
    html!(
        "<form class=\"card\" method=\"post\" action=\"/t\">\
         <label>{number}<input type=\"text\" name=\"number\" required maxlength=\"100\" autocomplete=\"off\"></label>\
         <label>{proof}<input type=\"text\" name=\"proof\" required maxlength=\"200\" autocomplete=\"email\"></label>\
         <button>{send}</button></form>",
        number = frame.text("lookup_number"),
        proof = frame.text("lookup_proof"),
        send = frame.text("lookup_send"),
    )
}
