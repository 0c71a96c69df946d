use barcoders::generators::svg::SVG;
use barcoders::sym::code128::Code128;
use engine::model::{Address, NodeAddress, PackingSlip};
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use crate::AppError;
use crate::calls::work::load_slip;
use crate::calls::{Answer, opened};
use crate::components::ErrorState;

/// `/work/slip/{fulfillment}`: what goes into the package, to be printed. It needs no program.
#[component]
pub fn SlipPage() -> impl IntoView {
    let params = use_params_map();
    let id = move || params.with_untracked(|params| params.get("id").unwrap_or_default());
    let data: Answer = Resource::new(id, load_slip);
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match opened::<PackingSlip>(data).await {
                    Ok(slip) => view! { <Slip slip/> }.into_any(),
                    Err(AppError::SignedOut) => {
                        leptos_axum::redirect("/sign-in?next=/work");
                        ().into_any()
                    }
                    Err(error) => view! { <main class="public"><ErrorState error/></main> }.into_any(),
                }
            })}
        </Suspense>
    }
    .into_any()
}

#[component]
fn Slip(slip: PackingSlip) -> impl IntoView {
    let PackingSlip {
        item,
        merchant,
        node_address,
        ship_to,
        reference,
    } = slip;
    let number = item.order_number;
    let rows = item
        .lines
        .into_iter()
        .map(|line| {
            view! {
                <tr>
                    <td class="number">{line.quantity}</td>
                    <th scope="row">{line.product_name}</th>
                    <td>{line.sku}</td>
                    <td>{line.bin.unwrap_or_default()}</td>
                </tr>
            }
        })
        .collect_view();
    let to = match ship_to {
        Some(to) => lines(&recipient(&to)),
        None if item.service.is_none() => lines(&["Collected by the customer".to_owned()]),
        None => lines(&["Handed over".to_owned()]),
    };
    view! {
        <Title text=format!("Packing slip {number}")/>
        <main class="slip">
            <div class="slip-tools">
                <button type="button" class="button" id="print">"Print"</button>
                <script nonce=use_nonce()>"document.getElementById('print').onclick=()=>print()"</script>
            </div>
            <div class="slip-head">
                <div>
                    <h1>{merchant}</h1>
                    <p>"Packing slip for order " <strong>{format!("#{number}")}</strong></p>
                    {item.service.map(|service| view! { <p class="muted">{format!("Service: {service}")}</p> })}
                </div>
                <figure class="slip-code">
                    <div role="img" aria-label=format!("Barcode {reference}") inner_html=code128(&reference)></div>
                    <figcaption>{reference.clone()}</figcaption>
                </figure>
            </div>
            <div class="slip-head">
                <section>
                    <h2>"From"</h2>
                    <address>{lines(&sender(&item.node_name, &node_address))}</address>
                </section>
                <section>
                    <h2>"To"</h2>
                    <address>{to}</address>
                </section>
            </div>
            <table>
                <thead>
                    <tr>
                        <th scope="col" class="number">"Units"</th>
                        <th scope="col">"Product"</th>
                        <th scope="col">"SKU"</th>
                        <th scope="col">"Bin"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </main>
    }
    .into_any()
}

/// The bars, as a drawing that grows with its place; nothing where the text has no bars.
fn code128(text: &str) -> String {
    // The first letter chooses the set of characters: plain ASCII.
    let bars = Code128::new(format!("\u{0181}{text}")).map(|code| code.encode());
    let svg = bars.and_then(|bars| {
        let width = bars.len();
        let svg = SVG::new(64).generate(&bars)?;
        let fitted = format!("<svg preserveAspectRatio=\"none\" data-modules=\"{width}\"");
        Ok(svg.replacen("<svg", &fitted, 1))
    });
    svg.unwrap_or_default()
}

fn sender(name: &str, at: &NodeAddress) -> Vec<String> {
    let place = format!("{} {} {}", at.city, at.region, at.postal_code);
    vec![name.to_owned(), at.line1.clone(), place, at.country.clone()]
}

fn recipient(to: &Address) -> Vec<String> {
    let place = format!("{} {} {}", to.city, to.region, to.postal_code);
    vec![
        to.name.clone(),
        to.line1.clone(),
        to.line2.clone().unwrap_or_default(),
        place,
        to.country.clone(),
    ]
}

fn lines(parts: &[String]) -> AnyView {
    let parts = parts.iter().map(|part| part.trim().to_owned());
    let parts = parts.filter(|part| !part.is_empty());
    parts
        .map(|part| view! { <span>{part}</span><br/> })
        .collect_view()
        .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_barcode_is_code_128_with_start_check_and_stop() {
        let svg = code128("10432-a1b2c3");
        // Start, twelve characters and the check character of 11 modules each, and a stop of 13.
        assert!(
            svg.contains(&format!("data-modules=\"{}\"", 14 * 11 + 13)),
            "{svg}"
        );
        assert_eq!(code128("ü"), "");
    }
}
