//! The page of an order.

use engine::model::{
    TrackedAction, TrackedActionKind, TrackedDay, TrackedItem, TrackedPackage, TrackedState,
    TrackedStep, TrackedSummary, TrackingView,
};

use super::frame::Frame;
use super::markup::{Markup, html};

/// Where the page is, and what leads from there.
pub struct Place<'a> {
    /// The page's own path without a slash at the end.
    pub path: &'a str,
    /// Whether this browser may act.
    pub acts: bool,
    /// Whether it may make a link to share.
    pub shares: bool,
    /// Something that has just been done.
    pub done: Option<&'a str>,
    /// The time of day, in words.
    pub now: &'a str,
}

/// The page of an order.
pub fn page(frame: &Frame<'_>, view: &TrackingView, place: &Place<'_>) -> String {
    let title = frame.with("title", &[("reference", &view.reference)]);
    let news = frame.with("announce", &[("headline", "%")]);
    let packages: Vec<_> = view
        .packages
        .iter()
        .map(|package| card(frame, package))
        .collect();
    let packages = (!packages.is_empty()).then(|| {
        html!(
            "<section aria-label=\"{label}\">{packages}{split}</section>",
            label = frame.text("packages"),
            packages = packages,
            split = view
                .split
                .as_ref()
                .map(|text| html!("<p class=\"muted\">{text}</p>", text = text)),
        )
    });
    let old = view
        .status_only
        .then(|| html!("<p class=\"card\">{text}</p>", text = frame.text("old")));
    let done = place.done.map(|key| {
        html!(
            "<p class=\"card note\" role=\"status\">{text}</p>",
            text = frame.text(key),
        )
    });
    let main = html!(
        "<main data-live=\"{path}/live\" data-version=\"{version}\" data-news=\"{news}\">{done}\
         <p class=\"muted small\">{title}</p><h1>{headline}</h1>{detail}{steps}{old}{packages}{acts}{history}{summary}\
         <p class=\"small muted\"><a href=\"{path}\">{refresh}</a> · {updated}</p>{share}</main>\
         <footer><a href=\"/t\">{lookup}</a></footer>",
        path = place.path,
        version = view.version,
        news = news,
        done = done,
        title = title,
        headline = view.headline,
        detail = detail(view),
        steps = steps(frame, &view.steps, view.state),
        old = old,
        packages = packages,
        acts = acts(frame, view, place),
        history = history(frame, &view.history),
        summary = view
            .summary
            .as_ref()
            .map(|summary| self::summary(frame, summary)),
        refresh = frame.text("refresh"),
        updated = frame.with("updated", &[("time", place.now)]),
        share = place.shares.then(|| share(frame, place.path)),
        lookup = frame.text("lookup"),
    );
    frame.document(&title, main)
}

fn tone(state: TrackedState, is_late: bool) -> &'static str {
    use TrackedState as S;
    match state {
        S::Exception | S::ReturnToSender => "bad",
        _ if is_late => "warn",
        S::FailedAttempt | S::Waiting => "warn",
        _ => "good",
    }
}

fn detail(view: &TrackingView) -> Option<Markup> {
    let late = view.days_late.is_some() || view.packages.iter().any(|p| p.delayed.is_some());
    view.detail.as_ref().map(|text| {
        html!(
            "<p class=\"detail {tone}\">{text}</p>",
            tone = tone(view.state, late),
            text = text,
        )
    })
}

fn steps(frame: &Frame<'_>, steps: &[TrackedStep], state: TrackedState) -> Option<Markup> {
    if state == TrackedState::Cancelled {
        return None;
    }
    let steps: Vec<_> = steps
        .iter()
        .map(|step| {
            html!(
                "<li{class}{current}>{label}</li>",
                class = step.is_done.then(|| Markup(" class=\"done\"".to_owned())),
                current = step
                    .is_current
                    .then(|| Markup(" aria-current=\"step\"".to_owned())),
                label = step.label,
            )
        })
        .collect();
    Some(html!(
        "<ol class=\"steps\" aria-label=\"{label}\">{steps}</ol>",
        label = frame.text("progress"),
        steps = steps,
    ))
}

fn card(frame: &Frame<'_>, package: &TrackedPackage) -> Markup {
    let carrier = package.carrier.as_ref().map(|carrier| {
        let number = package.tracking_number.as_deref().unwrap_or_default();
        let text = frame.with("number", &[("carrier", carrier), ("number", number)]);
        html!("<p class=\"small muted\">{text}</p>", text = text.trim())
    });
    html!(
        "<article class=\"card\"><h2>{title}</h2><p><strong>{headline}</strong></p>{detail}{carrier}{place}{code}{items}</article>",
        title = package.title,
        headline = package.headline,
        detail = package.detail.as_ref().map(|text| {
            let tone = tone(package.state, package.delayed.is_some());
            html!("<p class=\"{tone}\">{text}</p>", tone = tone, text = text)
        }),
        carrier = carrier,
        place = package
            .place
            .as_ref()
            .map(|place| html!("<p class=\"small muted\">{place}</p>", place = place)),
        code = package.pickup_code.as_ref().map(|code| {
            let text = frame.with("pickup_code", &[("code", code)]);
            html!("<p><strong>{text}</strong></p>", text = text)
        }),
        items = items(frame, &package.items),
    )
}

pub(super) fn items(frame: &Frame<'_>, items: &[TrackedItem]) -> Markup {
    let items: Vec<_> = items
        .iter()
        .map(|item| {
            let image = item
                .image_url
                .as_ref()
                .filter(|url| url.starts_with("https://"));
            html!(
                "<li>{image}<span>{name}</span><span class=\"n\">{units}</span></li>",
                image = image.map(|url| html!(
                    "<img src=\"{url}\" alt=\"\" width=\"44\" height=\"44\" loading=\"lazy\">",
                    url = url,
                )),
                name = item.name,
                units = frame.counted("units", item.quantity.unsigned_abs()),
            )
        })
        .collect();
    html!("<ul class=\"items\">{items}</ul>", items = items)
}

fn acts(frame: &Frame<'_>, view: &TrackingView, place: &Place<'_>) -> Option<Markup> {
    let contact = view.merchant.contact.as_deref();
    let act = |action: &TrackedAction| {
        let address = match action.kind {
            TrackedActionKind::Contact => contact.map(|contact| {
                if contact.starts_with("https://") {
                    contact.to_owned()
                } else {
                    format!("mailto:{contact}")
                }
            }),
            kind => (place.acts && action.is_possible).then(|| format!("{}/{kind}", place.path)),
        };
        let name = match address {
            Some(address) => html!(
                "<a href=\"{address}\">{label}</a>",
                address = address,
                label = action.label,
            ),
            None => html!("<span class=\"off\">{label}</span>", label = action.label),
        };
        html!(
            "<li>{name}{note}</li>",
            name = name,
            note = action
                .note
                .as_ref()
                .map(|note| html!("<br><span class=\"small muted\">{note}</span>", note = note)),
        )
    };
    let acts: Vec<_> = view.actions.iter().map(act).collect();
    (!acts.is_empty()).then(|| {
        html!(
            "<section class=\"card\" aria-labelledby=\"acts\"><h2 id=\"acts\">{label}</h2><ul class=\"acts\">{acts}</ul></section>",
            label = frame.text("act"),
            acts = acts,
        )
    })
}

fn history(frame: &Frame<'_>, days: &[TrackedDay]) -> Option<Markup> {
    let day = |day: &TrackedDay| {
        let events: Vec<_> = day
            .events
            .iter()
            .map(|event| {
                let said = event.said.as_ref().map(|said| {
                    html!(
                        "<details><summary>{label}</summary>{said}</details>",
                        label = frame.text("said"),
                        said = said,
                    )
                });
                html!(
                    "<li><span>{text}</span>{package}{place}<br><time datetime=\"{at}\">{time}</time>{said}</li>",
                    text = event.text,
                    package = event.package.map(|n| html!(" <span class=\"muted\">({n})</span>", n = n)),
                    place = event.place.as_ref().map(|place| html!(", {place}", place = place)),
                    at = event.at.to_rfc3339(),
                    time = event.time,
                    said = said,
                )
            })
            .collect();
        html!(
            "<li><h3>{label}</h3><ol>{events}</ol></li>",
            label = day.label,
            events = events,
        )
    };
    let days: Vec<_> = days.iter().map(day).collect();
    (!days.is_empty()).then(|| {
        html!(
            "<section class=\"card\" aria-labelledby=\"history\"><h2 id=\"history\">{label}</h2><ol class=\"days\">{days}</ol></section>",
            label = frame.text("history"),
            days = days,
        )
    })
}

fn summary(frame: &Frame<'_>, summary: &TrackedSummary) -> Markup {
    let line = |text: String| html!("<p>{text}</p>", text = text);
    let to = (!summary.to.is_empty()).then(|| {
        let street = summary.street.as_ref().filter(|street| !street.is_empty());
        let to = match street {
            Some(street) => format!("{}, {street}", summary.to),
            None => summary.to.clone(),
        };
        line(frame.with("to", &[("place", &to)]))
    });
    let total = summary.total_text.as_ref().map(|total| {
        html!(
            "<p><strong>{label}: {total}</strong></p>",
            label = frame.text("total"),
            total = total,
        )
    });
    let cancelled = (summary.cancelled > 0)
        .then(|| line(frame.counted("cancelled_units", summary.cancelled.unsigned_abs())));
    html!(
        "<section class=\"card\" aria-labelledby=\"summary\"><h2 id=\"summary\">{label}</h2><p class=\"muted\">{placed}</p>{items}{cancelled}{total}{to}</section>",
        label = frame.text("summary"),
        placed = summary.placed_on,
        items = items(frame, &summary.items),
        cancelled = cancelled,
        total = total,
        to = to,
    )
}

fn share(frame: &Frame<'_>, path: &str) -> Markup {
    html!(
        "<form method=\"post\" action=\"{path}/share\"><button class=\"plain\">{label}</button> <span class=\"small muted\">{help}</span></form>",
        path = path,
        label = frame.text("share"),
        help = frame.text("share_help"),
    )
}
