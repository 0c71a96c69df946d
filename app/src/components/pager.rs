use leptos::prelude::*;

/// The way from one page of a list to others.
#[component]
pub fn Pager(
    /// Address of the first page, unless this is it.
    first: Option<String>,
    /// Address of the next page, unless this is the last one.
    next: Option<String>,
    /// Which rows are shown.
    #[prop(optional, into)]
    range: String,
    #[prop(default = "First page")] first_label: &'static str,
    #[prop(default = "Next page")] next_label: &'static str,
) -> impl IntoView {
    view! {
        <nav class="pager" aria-label="Pages">
            {first.map(|address| view! { <a class="button" href=address>{first_label}</a> })}
            {(!range.is_empty()).then(|| view! { <span class="muted">{range}</span> })}
            {next.map(|address| view! { <a class="button" rel="next" href=address>{next_label}</a> })}
        </nav>
    }
    .into_any()
}
