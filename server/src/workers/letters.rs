//! Sends what customers are to be written, once each: through the mail server that is set up, or into the mailbox where
//! none is.

use std::time::Duration;

use app::tracking::Written;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use orchestrator::messages::{self, Due, Letter};

use crate::config::Config;
use crate::state::AppState;

const AT_ONCE: usize = 20;
/// Between two looks: letters may wait a moment, orders may not.
const PAUSE: Duration = Duration::from_millis(250);
const IDLE: Duration = Duration::from_secs(2);
const AFTER_FAILURE: Duration = Duration::from_secs(10);

/// Looks for letters until the process ends.
pub async fn work(state: AppState) {
    let post = match Post::of(&state.config) {
        Ok(post) => post,
        Err(error) => {
            tracing::error!(%error, "the mail server cannot be used; messages wait");
            return;
        }
    };
    let mut shutdown = state.shutdown.clone();
    loop {
        let pause = match send_due(&state, &post).await {
            Ok(0) => IDLE,
            Ok(_) => PAUSE,
            Err(error) => {
                tracing::warn!(%error, "messages cannot be taken; it is tried again");
                AFTER_FAILURE
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = shutdown.wait() => return,
        }
    }
}

/// Where letters go.
pub enum Post {
    Server {
        transport: Box<AsyncSmtpTransport<Tokio1Executor>>,
        from: Mailbox,
    },
    Mailbox,
}

impl Post {
    /// What the configuration says; without a mail server it is the mailbox.
    pub fn of(config: &Config) -> Result<Self, String> {
        let Some(url) = &config.smtp_url else {
            return Ok(Post::Mailbox);
        };
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|error| error.to_string())?
            .timeout(Some(Duration::from_secs(20)))
            .build();
        let from = config.mail_from.as_deref().ok_or("mail_from is not set")?;
        let from = from
            .parse()
            .map_err(|error| format!("mail_from: {error}"))?;
        Ok(Post::Server {
            transport: Box::new(transport),
            from,
        })
    }
}

/// Sends what is due; tells how many there were.
pub async fn send_due(state: &AppState, post: &Post) -> Result<usize, orchestrator::Error> {
    let orc = &state.orchestrator;
    let due = messages::due(orc, AT_ONCE).await?;
    for due in &due {
        let Some(letter) = messages::letter(orc, due).await? else {
            messages::sent(orc, due, false).await?;
            continue;
        };
        let written =
            app::tracking::write(&letter, &state.config.base_url(), orc.now().date_naive());
        match post {
            Post::Mailbox => {
                let Written {
                    subject,
                    html,
                    text,
                } = written;
                messages::keep(orc, due, letter.to, subject, html, text).await?;
            }
            Post::Server { transport, from } => {
                match message(due, &letter, written, from, &state.config) {
                    Err(problem) => messages::failed(orc, due, &problem, true).await?,
                    Ok(message) => match transport.send(message).await {
                        Ok(_) => messages::sent(orc, due, true).await?,
                        Err(error) => {
                            // The text may name the address: it is kept with the message, and not in the log.
                            tracing::warn!(kind = %due.kind, "a message could not be sent");
                            messages::failed(orc, due, &error.to_string(), error.is_permanent())
                                .await?;
                        }
                    },
                }
            }
        }
    }
    Ok(due.len())
}

fn message(
    due: &Due,
    letter: &Letter,
    written: Written,
    from: &Mailbox,
    config: &Config,
) -> Result<Message, String> {
    let to = letter.to.parse().map_err(|_| "the address is none")?;
    let base = config.base_url();
    let host = base.split("://").nth(1).unwrap_or("localhost");
    let host = host.split(':').next().unwrap_or("localhost");
    // The merchant's name, from the address that is allowed to send.
    let from = Mailbox::new(Some(letter.view.merchant.name.clone()), from.email.clone());
    let mut message = Message::builder()
        // The same when it is sent again, so that readers can tell.
        .message_id(Some(format!("<{}@{host}>", due.id.simple())))
        .from(from)
        .to(Mailbox::new(None, to))
        .subject(written.subject);
    if let Some(contact) = letter.view.merchant.contact.as_deref()
        && let Ok(contact) = contact.parse()
    {
        message = message.reply_to(Mailbox::new(None, contact));
    }
    let text = SinglePart::builder()
        .header(ContentType::TEXT_PLAIN)
        .body(written.text);
    let html = SinglePart::builder()
        .header(ContentType::TEXT_HTML)
        .body(written.html);
    let parts = MultiPart::alternative().singlepart(text).singlepart(html);
    message.multipart(parts).map_err(|error| error.to_string())
}
