//! The mailbox: what was written where nothing is set up to send with.

use orchestrator::messages::Mail;

use super::frame::Frame;
use super::markup::html;

/// The newest messages.
pub fn mailbox(frame: &Frame<'_>, mails: &[Mail], to: &str) -> String {
    let rows: Vec<_> = mails
        .iter()
        .map(|mail| {
            html!(
                "<li><a href=\"/demo/mailbox/{id}\">{subject}</a><br><span class=\"small muted\">{kind}, to {to}, {at}</span></li>",
                id = mail.id.to_string(),
                subject = mail.subject,
                kind = mail.kind.label(),
                to = mail.to,
                at = mail.at.format("%Y-%m-%d %H:%M:%S UTC").to_string(),
            )
        })
        .collect();
    let main = html!(
        "<main><h1>Mailbox</h1><p class=\"muted\">What customers were written. It is kept here because no mail server is set up.</p>\
         <form class=\"card\" method=\"get\" action=\"/demo/mailbox\"><label>To<input type=\"text\" name=\"to\" value=\"{to}\" autocomplete=\"off\"></label>\
         <button>Show</button></form>\
         <ul class=\"acts card\">{rows}{none}</ul></main>",
        to = to,
        none = rows.is_empty().then(|| html!("<li>Nothing yet.</li>")),
        rows = rows,
    );
    frame.document("Mailbox", main)
}
