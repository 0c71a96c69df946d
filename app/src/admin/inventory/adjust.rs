use engine::model::StockRow;
use leptos::prelude::*;

use crate::calls::stock::AdjustStock;
use crate::components::{Dialog, FormError, Toasts, after};
use crate::format;

/// Why stock changes without a sale; the ledger keeps the word.
pub const REASONS: [(&str, &str); 6] = [
    ("received", "Received"),
    ("found", "Found"),
    ("returned", "Returned"),
    ("damaged", "Damaged"),
    ("lost", "Lost"),
    ("correction", "Correction"),
];

/// The dialog that changes a level, for whichever row is put into `adjusting`.
#[component]
pub fn AdjustDialog(
    adjusting: RwSignal<Option<StockRow>>,
    on_done: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move || {
        if adjusting.with(Option::is_some) {
            open.set(true);
        }
    });
    Effect::new(move || {
        if !open.get() {
            adjusting.set(None);
        }
    });
    view! {
        <Dialog open title="Adjust stock".to_owned()>
            {move || {
                adjusting
                    .get()
                    .map(|row| {
                        view! {
                            <h2>"Adjust stock"</h2>
                            <p>
                                {row.product_name.clone()}
                                " "
                                <span class="muted">{format!("{} at {}", row.sku, row.node)}</span>
                            </p>
                            <AdjustForm
                                row
                                focused=true
                                on_done=move || {
                                    open.set(false);
                                    on_done();
                                }
                            />
                        }
                    })
            }}
        </Dialog>
    }
    .into_any()
}

/// The form itself, which also works before the page is alive.
#[component]
pub fn AdjustForm(
    row: StockRow,
    /// In a dialog the field has the focus; on a page that would take the reader past what stands above it.
    #[prop(optional)]
    focused: bool,
    on_done: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let action = ServerAction::<AdjustStock>::new();
    let toasts = expect_context::<Toasts>();
    let error = Signal::derive(move || action.value().get().and_then(Result::err));
    let delta = RwSignal::new(String::new());
    let (on_hand, reserved, safety) = (row.on_hand, row.reserved, row.safety_stock);
    let preview = move || {
        let delta: i64 = delta.get().trim().parse().ok()?;
        let after = on_hand.checked_add(delta)?;
        let available = StockRow::available(after, reserved, safety);
        let warning = if after < 0 {
            " That is below 0, which no shelf can be."
        } else if after < reserved {
            " That is less than what is reserved: orders will be short."
        } else {
            ""
        };
        Some(format!(
            "On hand {} → {}, available {}.{warning}",
            format::count(on_hand),
            format::count(after),
            format::count(available)
        ))
    };
    after(action, move |row| {
        toasts.say(format!("{} on hand", format::count(row.on_hand)));
        delta.set(String::new());
        on_done();
    });
    view! {
        <ActionForm action>
            <FormError error/>
            <input type="hidden" name="node" value=row.node.clone()/>
            <input type="hidden" name="sku" value=row.sku.clone()/>
            <div class="field-row">
                <label class="field">
                    "Change"
                    <input
                        type="number"
                        name="delta"
                        step="1"
                        required
                        autofocus=focused
                        inputmode="numeric"
                        placeholder="+5 or −5"
                        prop:value=move || delta.get()
                        on:input=move |event| delta.set(event_target_value(&event))
                    />
                </label>
                <label class="field">
                    "Reason"
                    <select name="reason" required>
                        {REASONS
                            .into_iter()
                            .map(|(value, label)| view! { <option value=value>{label}</option> })
                            .collect_view()}
                    </select>
                </label>
            </div>
            <p class="muted" role="status">{preview}</p>
            <div class="dialog-actions">
                <button type="submit" class="button primary" disabled=move || action.pending().get()>
                    {move || if action.pending().get() { "Adjusting…" } else { "Adjust stock" }}
                </button>
            </div>
        </ActionForm>
    }
    .into_any()
}
