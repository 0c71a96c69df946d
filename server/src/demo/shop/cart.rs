//! What the visitor wants to buy, in a cookie: `1082185:2.995242:1`.

use http::HeaderMap;
use http::header::COOKIE;

const NAME: &str = "demo_cart";
/// As many as a promise is asked for at most on a page.
const MOST_LINES: usize = 20;
const MOST_UNITS: u32 = 99;

/// SKUs and quantities, in the order in which they came.
#[derive(Debug, Default)]
pub struct Cart {
    pub lines: Vec<(String, u32)>,
}

impl Cart {
    pub fn of(headers: &HeaderMap) -> Self {
        let cookies = headers.get_all(COOKIE).iter();
        let text = cookies
            .filter_map(|cookie| cookie.to_str().ok())
            .flat_map(|cookie| cookie.split("; "))
            .find_map(|pair| pair.strip_prefix(NAME)?.strip_prefix('='))
            .unwrap_or_default();
        let mut cart = Cart::default();
        for line in text.split('.') {
            if let Some((sku, quantity)) = line.split_once(':') {
                cart.set(sku, quantity.parse().unwrap_or(0));
            }
        }
        cart
    }

    pub fn quantity(&self, sku: &str) -> u32 {
        let line = self.lines.iter().find(|(known, _)| known == sku);
        line.map_or(0, |(_, quantity)| *quantity)
    }

    /// What is no SKU of the demonstration's kind does not get in.
    pub fn set(&mut self, sku: &str, quantity: u32) {
        if sku.is_empty() || !sku.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return;
        }
        let quantity = quantity.min(MOST_UNITS);
        let is_full = self.lines.len() >= MOST_LINES;
        match self.lines.iter_mut().find(|(known, _)| known == sku) {
            Some(line) => line.1 = quantity,
            None if is_full => {}
            None => self.lines.push((sku.to_owned(), quantity)),
        }
        self.lines.retain(|(_, quantity)| *quantity > 0);
    }

    pub fn units(&self) -> u32 {
        self.lines.iter().map(|(_, quantity)| quantity).sum()
    }

    pub fn cookie(&self) -> String {
        let lines = self.lines.iter();
        let lines: Vec<_> = lines
            .map(|(sku, quantity)| format!("{sku}:{quantity}"))
            .collect();
        format!(
            "{NAME}={}; Path=/demo/shop; HttpOnly; SameSite=Lax",
            lines.join(".")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cart_comes_back_as_it_was_and_nothing_else_gets_in() {
        let mut cart = Cart::default();
        cart.set("995242", 2);
        cart.set("1082185", 500);
        cart.set("\"><script>", 1);
        cart.set("5", 0);
        let cookie = cart.cookie();
        let (pair, _) = cookie.split_once(';').unwrap();
        assert_eq!(pair, "demo_cart=995242:2.1082185:99");
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, format!("other=1; {pair}").parse().unwrap());
        let again = Cart::of(&headers);
        assert_eq!(again.lines, cart.lines);
        assert_eq!((again.units(), again.quantity("995242")), (101, 2));
    }
}
