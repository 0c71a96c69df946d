//! What a person sets for themselves, and who and what may enter.

mod customers;
mod keys;
mod people;
mod person;
mod secret;
mod you;

use engine::model::Permission;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use crate::components::may;
use crate::lazy::screen;
use customers::CustomersSection;
use keys::KeysSection;
use people::PeopleSection;
use you::YouSection;

screen!(
    /// `/settings`, `/settings/customers`, `/settings/people`, `/settings/keys`
    SettingsPage = settings_page: view
);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    You,
    Customers,
    People,
    Keys,
}

impl Section {
    const ALL: [Section; 4] = [
        Section::You,
        Section::Customers,
        Section::People,
        Section::Keys,
    ];

    fn label(self) -> &'static str {
        match self {
            Section::You => "You",
            Section::Customers => "Customers",
            Section::People => "People",
            Section::Keys => "API keys",
        }
    }

    fn address(self) -> &'static str {
        match self {
            Section::You => "/settings",
            Section::Customers => "/settings/customers",
            Section::People => "/settings/people",
            Section::Keys => "/settings/keys",
        }
    }
}

fn view() -> AnyView {
    let params = use_params_map();
    let section = Memo::new(move |_| {
        let name = params.with(|params| params.get("section").unwrap_or_default());
        match name.as_str() {
            "customers" => Section::Customers,
            "people" => Section::People,
            "keys" => Section::Keys,
            _ => Section::You,
        }
    });
    let manages = may(Permission::ManageAccess);
    let tab = move |of: Section| {
        let current = move || (section.get() == of).then_some("page");
        view! {
            <li>
                <a href=of.address() aria-current=current>
                    {of.label()}
                </a>
            </li>
        }
    };
    let sets = may(Permission::ChangeNetwork);
    let offered = Section::ALL.into_iter().filter(move |of| match of {
        Section::You => true,
        Section::Customers => sets,
        Section::People | Section::Keys => manages,
    });
    view! {
        <Title text="Settings"/>
        <h1>"Settings"</h1>
        <nav class="tabs" aria-label="Sections">
            <ul>{offered.map(tab).collect_view()}</ul>
        </nav>
        {move || match section.get() {
            Section::You => view! { <YouSection/> }.into_any(),
            Section::Customers => view! { <CustomersSection/> }.into_any(),
            Section::People => view! { <PeopleSection/> }.into_any(),
            Section::Keys => view! { <KeysSection/> }.into_any(),
        }}
    }
    .into_any()
}
