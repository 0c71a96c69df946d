//! The shop's pages.

use chrono::NaiveDate;
use serde_json::{Value, json};
use uuid::Uuid;

use super::api::Line;
use super::cart::Cart;
use crate::demo::{PUBLISHABLE_KEY, pick};

/// Minor units. Products have no price in Baton, so the shop has them: always the same for a SKU.
pub fn price(sku: &str) -> u64 {
    99 + 10 * pick(&format!("price {sku}"), 140)
}

pub fn shelf(products: &Value, cart: &Cart) -> String {
    let products = products["items"].as_array().map_or(&[][..], Vec::as_slice);
    let cards = each(products, |product| {
        let (sku, name) = (text(product, "sku"), text(product, "name"));
        let price = money(price(product["sku"].as_str().unwrap_or_default()));
        format!("<li><a href=\"/demo/shop/products/{sku}\">{name}</a><span>{price}</span></li>")
    });
    page(
        "Shop",
        cart,
        &format!("<h1>Fresh today</h1><ul class=\"shelf\">{cards}</ul>"),
    )
}

pub fn product(product: &Value, cart: &Cart) -> String {
    let (sku, name) = (text(product, "sku"), text(product, "name"));
    let price = money(price(product["sku"].as_str().unwrap_or_default()));
    let delivery = widget(&sku, "1", "");
    let pickup = widget(&sku, "1", " option=\"pickup\"");
    let body = format!(
        "<h1>{name}</h1><p class=\"price\">{price}</p>{delivery}{pickup}
        <form method=\"post\" action=\"/demo/shop/cart\"><input type=\"hidden\" name=\"sku\" value=\"{sku}\">
        <button name=\"add\" value=\"1\">Add to cart</button></form>"
    );
    page(&name, cart, &body)
}

pub fn cart(lines: &[Line], cart: &Cart) -> String {
    if lines.is_empty() {
        let body = "<h1>Cart</h1><p>There is nothing in it.</p><a class=\"button\" href=\"/demo/shop\">Look around</a>";
        return page("Cart", cart, body);
    }
    let rows = each(lines, |line| {
        let (sku, name, quantity) = (escape(&line.sku), escape(&line.name), line.quantity);
        let sum = money(price(&line.sku) * u64::from(quantity));
        format!(
                "<li><a href=\"/demo/shop/products/{sku}\">{name}</a>
                <form method=\"post\" action=\"/demo/shop/cart\"><input type=\"hidden\" name=\"sku\" value=\"{sku}\">
                <input name=\"quantity\" type=\"number\" min=\"0\" max=\"99\" value=\"{quantity}\" aria-label=\"Quantity of {name}\">
                <button>Update</button></form><span>{sum}</span></li>"
            )
    });
    let join = |part: fn(&Line) -> String| lines.iter().map(part).collect::<Vec<_>>().join(",");
    let widget = widget(
        &escape(&join(|line| line.sku.clone())),
        &join(|line| line.quantity.to_string()),
        "",
    );
    let total = total(lines);
    let body = format!(
        "<h1>Cart</h1><ul class=\"shelf cart\">{rows}</ul><p class=\"price\">{total}</p>{widget}
        <a class=\"button\" href=\"/demo/shop/checkout\">Check out</a>"
    );
    page("Cart", cart, &body)
}

/// Without a promise the postal code is asked for; `wrong` is what the order was refused for.
pub fn checkout(
    lines: &[Line],
    cart: &Cart,
    postal: &str,
    promise: Option<&Value>,
    wrong: &[&str],
) -> String {
    let postal = escape(postal);
    let options = promise.map_or(String::new(), |promise| choices(promise, &postal, wrong));
    let body = format!(
        "<h1>Checkout</h1><p class=\"price\">{total}</p>
        <form class=\"inline\"><label>ZIP code <input name=\"postal\" value=\"{postal}\" required inputmode=\"numeric\" autocomplete=\"postal-code\"></label>
        <button>Show delivery</button></form>{options}",
        total = total(lines),
    );
    page("Checkout", cart, &body)
}

fn choices(promise: &Value, postal: &str, wrong: &[&str]) -> String {
    let options = promise["options"].as_array().map_or(&[][..], Vec::as_slice);
    if options.is_empty() && promise["status"] == "unavailable" {
        return format!(
            "<p class=\"wrong\" role=\"alert\">{}</p>",
            text(promise, "text")
        );
    }
    let radios = if options.is_empty() {
        // Nothing can be promised; the order is taken all the same.
        radio(
            &json!({"id": "standard", "method": "delivery", "text": {"sentence": "Standard delivery"}}),
        )
    } else {
        each(options, radio)
    };
    let wrong = each(wrong, |detail| format!("<li>{}</li>", escape(detail)));
    let wrong = if wrong.is_empty() {
        wrong
    } else {
        format!("<ul class=\"wrong\" role=\"alert\">{wrong}</ul>")
    };
    let field = |name: &str, label: &str, more: &str| {
        format!("<label>{label} <input name=\"{name}\" required {more}></label>")
    };
    format!(
        "<form method=\"post\" action=\"/demo/shop/orders\">{wrong}<fieldset><legend>How would you like to get it?</legend>{radios}</fieldset>
        <fieldset><legend>Who are you?</legend>{name}{email}{line1}{city}{region}</fieldset>
        <input type=\"hidden\" name=\"postal\" value=\"{postal}\"><input type=\"hidden\" name=\"promise_id\" value=\"{promise}\">
        <input type=\"hidden\" name=\"reference\" value=\"shop-{reference}\"><button>Place order</button></form>",
        name = field("name", "Name", "autocomplete=\"name\""),
        email = field("email", "E-mail", "type=\"email\" autocomplete=\"email\""),
        line1 = field("line1", "Street", "autocomplete=\"address-line1\""),
        city = field("city", "City", "autocomplete=\"address-level2\""),
        region = field("region", "State", "maxlength=\"2\" autocomplete=\"address-level1\""),
        promise = text(promise, "id"),
        reference = Uuid::now_v7().simple(),
    )
}

fn radio(option: &Value) -> String {
    let said = &option["text"];
    let details: Vec<_> = [
        text(&option["store"], "name"),
        text(said, "price"),
        text(said, "packages"),
        text(said, "assurance"),
    ]
    .into_iter()
    .filter(|part| !part.is_empty())
    .collect();
    format!(
        "<label><input type=\"radio\" name=\"option\" value=\"{method} {id}\" required> <span>{sentence}<small>{details}</small></span></label>",
        method = text(option, "method"),
        id = text(option, "id"),
        sentence = text(said, "sentence"),
        details = details.join(" · "),
    )
}

pub fn thanks(order: &Value) -> String {
    let by = order["promise"]["by"].as_str();
    let by: Option<NaiveDate> = by.and_then(|by| by.parse().ok());
    let by = by.map_or(String::new(), |by| {
        let said = by.format("%a, %b %-d");
        format!("<p>You get it by <time datetime=\"{by}\">{said}</time>.</p>")
    });
    let (number, id) = (escape(&plain(&order["number"])), text(order, "id"));
    let body = format!(
        "<h1>Thank you</h1><p>Your order is #{number}.</p>{by}
        <a class=\"button\" href=\"/demo/shop\">Go on shopping</a> <a href=\"/orders/{id}\">See it in Baton</a>"
    );
    page("Thank you", &Cart::default(), &body)
}

pub fn failure(detail: &str) -> String {
    let body = format!(
        "<h1>That did not work</h1><p>{}</p><a href=\"/demo/shop\">Back to the shop</a>",
        escape(detail)
    );
    page("Error", &Cart::default(), &body)
}

fn widget(skus: &str, quantities: &str, more: &str) -> String {
    format!(
        "<delivery-promise key=\"{PUBLISHABLE_KEY}\" sku=\"{skus}\" qty=\"{quantities}\" country=\"US\" channel=\"web\"{more}>Ships within 1–2 business days</delivery-promise>"
    )
}

fn page(title: &str, cart: &Cart, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en-US\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">
        <title>{title} · Demo shop</title><link rel=\"stylesheet\" href=\"/demo/shop/style.css\"><link rel=\"icon\" href=\"/favicon.svg\">
        <script type=\"module\" src=\"/widget/v1/promise.js\" crossorigin></script></head>
        <body><header><a href=\"/demo/shop\">Demo shop</a><a href=\"/demo/shop/cart\">Cart ({units})</a></header><main>{body}</main></body></html>",
        units = cart.units(),
    )
}

fn total(lines: &[Line]) -> String {
    let total = lines
        .iter()
        .map(|line| price(&line.sku) * u64::from(line.quantity));
    format!("Total {}", money(total.sum()))
}

fn money(minor: u64) -> String {
    format!("${}.{:02}", minor / 100, minor % 100)
}

fn each<T>(items: &[T], one: impl Fn(&T) -> String) -> String {
    items.iter().map(one).collect::<Vec<_>>().concat()
}

/// A field of an answer, safe in a page; empty where there is none.
fn text(value: &Value, field: &str) -> String {
    escape(&plain(&value[field]))
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
