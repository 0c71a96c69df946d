use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::{Lazy, SsrMode, path};

use crate::admin::{
    AdminShell, CarriersPage, ExceptionsPage, InventoryPage, LedgerPage, NodeCalendarPage,
    NodePage, NodesPage, OrderPage, OrdersPage, PromisePage, SettingsPage, StockSectionsPage,
    TodayPage, WorkPage,
};
#[cfg(feature = "ssr")]
use crate::public::{SetUpPage, SignInPage, SlipPage};

/// In the browser the pages that do without it are not part of the program: whoever gets there gets them from the server.
#[cfg(not(feature = "ssr"))]
mod from_server {
    use leptos::prelude::*;

    #[component]
    pub fn SignInPage() -> impl IntoView {
        let _ = window().location().reload();
    }

    pub use {SignInPage as SetUpPage, SignInPage as SlipPage};
}
#[cfg(not(feature = "ssr"))]
use from_server::{SetUpPage, SignInPage, SlipPage};

/// Every page. Pages are whole before they are sent, so that they read well without the program and answer with the
/// right status.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Title formatter=|title: String| if title.is_empty() { "Baton".to_owned() } else { format!("{title} · Baton") }/>
        <Router>
            <Routes fallback=NoSuchPage>
                <Route path=path!("/sign-in") view=SignInPage ssr=SsrMode::Async/>
                <Route path=path!("/setup") view=SetUpPage ssr=SsrMode::Async/>
                <Route path=path!("/work/slip/:id") view=SlipPage ssr=SsrMode::Async/>
                <ParentRoute path=path!("") view=AdminShell ssr=SsrMode::Async>
                    <Route path=path!("/") view={Lazy::<TodayPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/orders") view={Lazy::<OrdersPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/orders/:id") view={Lazy::<OrderPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/exceptions") view={Lazy::<ExceptionsPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/inventory") view={Lazy::<InventoryPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/inventory/:section") view={Lazy::<StockSectionsPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/inventory/:node/:sku") view={Lazy::<LedgerPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/nodes") view={Lazy::<NodesPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/nodes/:code") view={Lazy::<NodePage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/nodes/:code/:section") view={Lazy::<NodeCalendarPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/carriers/:code?") view={Lazy::<CarriersPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/work") view={Lazy::<WorkPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/promise") view={Lazy::<PromisePage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/settings/:section?") view={Lazy::<SettingsPage>::new()} ssr=SsrMode::Async/>
                </ParentRoute>
            </Routes>
        </Router>
    }
}

#[component]
fn NoSuchPage() -> impl IntoView {
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(http::StatusCode::NOT_FOUND);
    }
    view! {
        <Title text="Not found"/>
        <main class="public">
            <div class="empty">
                <h1>"There is no such page"</h1>
                <a class="button" href="/">"Go to Today"</a>
            </div>
        </main>
    }
}
