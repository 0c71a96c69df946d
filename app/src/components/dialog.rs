use leptos::html;
use leptos::prelude::*;

/// A native modal dialog: the browser keeps focus inside and gives it back, and Escape closes it.
#[component]
pub fn Dialog(
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    /// A class beside `dialog`.
    #[prop(optional)]
    class: &'static str,
    children: ChildrenFn,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move || {
        let Some(dialog) = dialog.get() else { return };
        if open.get() && !dialog.open() {
            let _ = dialog.show_modal();
        } else if !open.get() && dialog.open() {
            dialog.close();
        }
    });
    // A click on the backdrop hits the dialog itself, and none of its children.
    let on_backdrop = move |event: leptos::ev::MouseEvent| {
        if let (Some(target), Some(dialog)) = (event.target(), dialog.get())
            && target == dialog.into()
        {
            open.set(false);
        }
    };
    view! {
        <dialog
            node_ref=dialog
            class=format!("dialog {class}")
            aria-label=move || title.get()
            on:close=move |_| open.set(false)
            on:click=on_backdrop
        >
            <div class="dialog-body">
                <Show when=move || open.get()>{children()}</Show>
            </div>
        </dialog>
    }
    .into_any()
}

/// Opens a dialog while there is something that it is about; closing it forgets what that was.
pub fn open_about<T: Send + Sync + 'static>(about: RwSignal<Option<T>>) -> RwSignal<bool> {
    let open = RwSignal::new(false);
    // Neither may set what the other follows to what it is already: they would go on for ever.
    Effect::new(move || {
        if about.with(Option::is_some) {
            open.set(true);
        }
    });
    Effect::new(move || {
        if !open.get() && about.with_untracked(Option::is_some) {
            about.set(None);
        }
    });
    open
}
