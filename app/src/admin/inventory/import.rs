use engine::model::{Permission, RowProblem, StockImport};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

use crate::AppError;
use crate::calls::stock_rules::{ImportReport, import_stock_file};
use crate::components::{FormError, Toasts, may};
use crate::format;

/// The largest file that is read here; larger ones go in with the command line.
const LARGEST: f64 = 1_500_000.0;

/// Counted stock from a CSV file: looked at first, written when nothing is wrong with it.
#[component]
pub fn Import() -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let text = RwSignal::new(String::new());
    let name = RwSignal::new(String::new());
    let error = RwSignal::new(None::<AppError>);
    let busy = RwSignal::new(false);
    let report = RwSignal::new(None::<ImportReport>);
    let run = move |dry_run: bool| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        error.set(None);
        spawn_local(async move {
            let result = import_stock_file(text.get_untracked(), dry_run).await;
            let result = result.and_then(|packed| packed.open::<ImportReport>());
            let _ = busy.try_set(false);
            match result {
                Ok(found) => {
                    if !found.report.dry_run && found.problems == 0 {
                        let rows = format::counted(found.report.rows as i64, "row", "rows");
                        toasts.say(format!("{rows} counted"));
                    }
                    report.set(Some(found));
                }
                Err(failed) => error.set(Some(failed)),
            }
        });
    };
    let chosen = move |event: leptos::ev::Event| {
        let input = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
        let Some(file) = input.and_then(|input| input.files()?.get(0)) else {
            return;
        };
        report.set(None);
        if file.size() > LARGEST {
            let detail = "the file is larger than 1.5 MB: send it with baton import stock FILE";
            return error.set(Some(AppError::Conflict(detail.to_owned())));
        }
        error.set(None);
        name.set(file.name());
        spawn_local(async move {
            let read = wasm_bindgen_futures::JsFuture::from(file.text()).await;
            match read.ok().and_then(|read| read.as_string()) {
                Some(read) => {
                    text.set(read);
                    run(true);
                }
                None => error.set(Some(AppError::Conflict(
                    "the file cannot be read".to_owned(),
                ))),
            }
        });
    };
    if !may(Permission::ChangeStock) {
        let needed = Permission::ChangeStock.label().to_owned();
        return view! { <crate::components::ErrorState error=AppError::Forbidden(needed)/> }
            .into_any();
    }
    let empty = move || text.with(|text| text.trim().is_empty());
    view! {
        <section class="card" aria-labelledby="import">
            <h2 id="import">"Count from a CSV file"</h2>
            <p class="muted">
                "The columns node, sku, on_hand and, where it is wanted, safety_stock, in any order and with a header. Every row is looked at before the first is written; where anything is wrong, nothing is."
            </p>
            <div class="fields">
                <label class="field">
                    "File"
                    <input type="file" accept=".csv,text/csv" on:change=chosen/>
                </label>
                <label class="field">
                    "Or paste its rows"
                    <textarea
                        rows="6"
                        spellcheck="false"
                        class="code"
                        placeholder="node,sku,on_hand,safety_stock"
                        prop:value=move || text.get()
                        on:input=move |event| {
                            text.set(event_target_value(&event));
                            report.set(None);
                        }
                    ></textarea>
                </label>
                <FormError error/>
                <div class="actions">
                    <button type="button" class="button" disabled=move || busy.get() || empty() on:click=move |_| run(true)>
                        {move || if busy.get() { "Looking…" } else { "Look at it first" }}
                    </button>
                    <Show when=move || {
                        report.with(|report| report.as_ref().is_some_and(|found| found.report.dry_run && found.problems == 0 && found.report.rows > 0))
                    }>
                        <button type="button" class="button primary" disabled=move || busy.get() on:click=move |_| run(false)>
                            {move || {
                                let rows = report.with(|report| report.as_ref().map_or(0, |found| found.report.rows));
                                format!("Count {}", format::counted(rows as i64, "row", "rows"))
                            }}
                        </button>
                    </Show>
                </div>
            </div>
            <div role="status">{move || report.get().map(|found| view! { <Report found/> })}</div>
        </section>
    }
    .into_any()
}

#[component]
fn Report(found: ImportReport) -> impl IntoView {
    let ImportReport {
        report,
        problems,
        short,
    } = found;
    if problems > 0 {
        return view! { <Problems problems=report.problems total=problems/> }.into_any();
    }
    let StockImport {
        dry_run,
        rows,
        changed,
        new,
        units_up,
        units_down,
        short: rows_short,
        ..
    } = report;
    let head = if dry_run {
        "Nothing is wrong with it. It would change:"
    } else {
        "Counted. It changed:"
    };
    let facts = [
        ("Rows in the file", format::count(rows as i64)),
        ("Rows with another level", format::count(changed as i64)),
        ("Of those, new", format::count(new as i64)),
        ("Units more", format::count(units_up)),
        ("Units fewer", format::count(units_down)),
        ("Rows below what is reserved", format::count(short as i64)),
    ];
    let facts = facts.map(|(name, number)| {
        view! {
            <div>
                <dt>{name}</dt>
                <dd>{number}</dd>
            </div>
        }
    });
    let hurt = rows_short.into_iter().map(|row| {
        let words = format!(
            "{} at {}: {} there, {} reserved",
            row.sku,
            row.node,
            format::count(row.on_hand),
            format::count(row.reserved)
        );
        let orders = row.orders.len();
        let planned = (orders > 0).then(|| {
            format!(
                "; {} planned again",
                format::counted(orders as i64, "order is", "orders are")
            )
        });
        view! { <li>{words} {planned}</li> }
    });
    view! {
        <p>
            <strong>{head}</strong>
        </p>
        <dl class="facts">{facts}</dl>
        {(short > 0)
            .then(|| {
                view! {
                    <div class="notice">
                        <p>"Orders that these units are reserved for are planned again."</p>
                        <ul>{hurt.collect_view()}</ul>
                    </div>
                }
            })}
    }
    .into_any()
}

#[component]
fn Problems(problems: Vec<RowProblem>, total: usize) -> impl IntoView {
    let unseen = total.saturating_sub(problems.len());
    let rows = problems.into_iter().map(|problem| {
        view! {
            <tr>
                <th scope="row">{format!("Line {}", format::count(problem.line as i64))}</th>
                <td data-label="Column">{problem.column}</td>
                <td data-label="Wrong">{problem.wrong}</td>
                <td data-label="Right">{problem.right}</td>
            </tr>
        }
    });
    view! {
        <p class="form-error">
            {format!("{} in the file: nothing is written.", format::counted(total as i64, "problem", "problems"))}
        </p>
        <table class="list">
            <thead>
                <tr>
                    <th scope="col">"Line"</th>
                    <th scope="col">"Column"</th>
                    <th scope="col">"What is wrong"</th>
                    <th scope="col">"What would be right"</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
        {(unseen > 0)
            .then(|| view! { <p class="muted">{format!("and {} more; mend these first", format::count(unseen as i64))}</p> })}
    }
    .into_any()
}
