use engine::model::{Permission, Role};
use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::use_location;
use server_fn::ServerFn;

use super::Jobs;
use crate::calls::session::{SignOut, Visit, visit};
use crate::components::{
    Clock, Icon, KeyListener, Keys, Liking, Live, LiveButton, Palette, Screen, ShortcutSheet,
    ToastRack, Toasts, Tray,
};

/// What is around every screen. Whoever is not signed in is led to where they can.
#[component]
pub fn AdminShell() -> impl IntoView {
    let visit = SharedValue::new(visit).into_inner();
    if let Some(visit) = visit {
        lead_to_work(&visit);
        view! { <SignedIn visit/> }.into_any()
    } else {
        lead_to_sign_in();
        ().into_any()
    }
}

/// Who works at a node begins with that, and not with what managers see.
#[cfg_attr(not(feature = "ssr"), expect(clippy::missing_const_for_fn))]
fn lead_to_work(visit: &Visit) {
    #[cfg(feature = "ssr")]
    if !visit.viewer.may(Permission::ReadOrders)
        && use_location()
            .pathname
            .get_untracked()
            .trim_matches('/')
            .is_empty()
        && use_context::<http::request::Parts>().is_some()
    {
        leptos_axum::redirect("/work");
    }
    #[cfg(not(feature = "ssr"))]
    let _ = visit;
}

fn lead_to_sign_in() {
    let location = use_location();
    let here = location.pathname.get_untracked();
    let query = location.search.get_untracked();
    #[cfg(feature = "ssr")]
    {
        let here = if query.is_empty() {
            here
        } else {
            format!("{here}?{}", query.trim_start_matches('?'))
        };
        let next = crate::query::encoded(&here).replace("%2F", "/");
        let target = if next == "/" {
            "/sign-in".to_owned()
        } else {
            format!("/sign-in?next={next}")
        };
        if use_context::<http::request::Parts>().is_some() {
            leptos_axum::redirect(&target);
        }
    }
    #[cfg(not(feature = "ssr"))]
    {
        // The reader came here from a page before sign-in: the server has to make this one.
        let query = query.trim_start_matches('?');
        let _ = window().location().assign(&format!("{here}?{query}"));
    }
}

#[component]
fn SignedIn(visit: Visit) -> impl IntoView {
    provide_context(visit.clone());
    Clock::provide(visit.now);
    Toasts::provide();
    Liking::provide(visit.viewer.preferences.clone());
    Keys::provide();
    let hears = visit.viewer.may(Permission::ReadEvents);
    // The people of a node hear of what happens there.
    let listens = hears || visit.viewer.user.role == Role::NodeStaff;
    Live::provide(visit.last_seq, listens);
    let keys = expect_context::<Keys>();
    Jobs::provide();
    let location = use_location();
    let is_here = move |path: &'static str| {
        let here = location.pathname.get();
        let here = here == path || (path != "/" && here.starts_with(&format!("{path}/")));
        here.then_some("page")
    };
    let navigation = Screen::visible()
        .into_iter()
        .map(|screen| {
            view! {
                <li>
                    <a href=screen.path aria-current=move || is_here(screen.path)>
                        <Icon name=screen.icon/>
                        <span>{screen.name}</span>
                    </a>
                </li>
            }
        })
        .collect_view();
    let home = Screen::visible().first().map_or("/", |first| first.path);
    let user = visit.viewer.user.clone();
    let merchant = visit.viewer.merchant.clone();
    view! {
        <a class="skip" href="#main">"Skip to content"</a>
        <div class="frame">
            <header class="top">
                <a class="brand" href=home>"Baton"</a>
                <span class="merchant">
                    {merchant.name}
                    {merchant.demo.then(|| view! { <span class="badge badge-quiet">"Demo"</span> })}
                </span>
                <button
                    type="button"
                    class="search-button"
                    aria-label="Search"
                    aria-keyshortcuts="Control+K"
                    on:click=move |_| keys.palette.set(true)
                >
                    <Icon name="search"/>
                    <span>"Search"</span>
                    <kbd>"Ctrl K"</kbd>
                </button>
                {hears.then(|| view! { <Tray/> })}
                {listens.then(|| view! { <LiveButton/> })}
                <button
                    type="button"
                    class="icon-button"
                    aria-label="Keyboard shortcuts"
                    title="Keyboard shortcuts (?)"
                    on:click=move |_| keys.sheet.set(true)
                >
                    <Icon name="help"/>
                </button>
                <form method="post" action=SignOut::url() class="who">
                    <span class="who-name" title=user.email>
                        {user.name}
                        <span class="muted">{user.role.label()}</span>
                    </span>
                    <button type="submit" class="icon-button" aria-label="Sign out" title="Sign out">
                        <Icon name="out"/>
                    </button>
                </form>
            </header>
            <nav class="side" aria-label="Screens">
                <ul>{navigation}</ul>
            </nav>
            <main id="main" tabindex="-1">
                <Outlet/>
            </main>
        </div>
        <Palette/>
        <ShortcutSheet/>
        <ToastRack/>
        <KeyListener/>
    }
    .into_any()
}
