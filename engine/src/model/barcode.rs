//! Barcodes of goods: EAN-8, UPC-A, EAN-13 and GTIN-14, which are one family of numbers with a check digit.

use std::fmt;

/// What somebody has scanned or typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scanned {
    /// A number of that family, filled up to 14 digits, so that the same goods are the same number.
    Gtin(String),
    /// Something else, such as a SKU.
    Other(String),
}

/// A number of the right length whose check digit is another one: misread, or mistyped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongDigit {
    pub given: String,
    /// What the last digit would have to be for the others to be right.
    pub expected: char,
}

impl fmt::Display for WrongDigit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} is misread: with these digits it would end in {}. Scan it again.",
            self.given, self.expected
        )
    }
}

impl Scanned {
    /// Reads what came out of a scanner or off a keyboard.
    pub fn read(text: &str) -> Result<Scanned, WrongDigit> {
        let text = text.trim();
        let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        let is_number = digits.bytes().all(|b| b.is_ascii_digit());
        if !is_number || !matches!(digits.len(), 8 | 12 | 13 | 14) {
            return Ok(Scanned::Other(text.to_owned()));
        }
        let expected = check_digit(&digits[..digits.len() - 1]);
        if digits.ends_with(expected) {
            Ok(Scanned::Gtin(format!("{digits:0>14}")))
        } else {
            Err(WrongDigit {
                given: digits,
                expected,
            })
        }
    }

    /// Whether it names the product with this SKU and barcode.
    pub fn names(&self, sku: &str, barcode: Option<&str>) -> bool {
        let same = |known: &str| match (Scanned::read(known), self) {
            (Ok(Scanned::Gtin(known)), Scanned::Gtin(own)) => known == *own,
            (_, Scanned::Gtin(own)) => known.trim() == own.trim_start_matches('0'),
            (_, Scanned::Other(own)) => known.trim().eq_ignore_ascii_case(own),
        };
        barcode.is_some_and(same) || same(sku)
    }
}

/// The digit that these, without it, ask for.
fn check_digit(digits: &str) -> char {
    let weighted = digits.bytes().rev().enumerate();
    let sum: u32 = weighted
        .map(|(i, digit)| u32::from(digit - b'0') * if i % 2 == 0 { 3 } else { 1 })
        .sum();
    char::from(b'0' + ((10 - sum % 10) % 10) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_read_and_the_same_goods_are_the_same() {
        let gtin = |text: &str| Ok(Scanned::Gtin(text.to_owned()));
        assert_eq!(Scanned::read("4006381333931"), gtin("04006381333931"));
        assert_eq!(Scanned::read("0 36000 29145 2\n"), gtin("00036000291452"));
        assert_eq!(Scanned::read("0036000291452"), gtin("00036000291452"));
        assert_eq!(Scanned::read("73513537"), gtin("00000073513537"));
        assert_eq!(Scanned::read("10614141000415"), gtin("10614141000415"));
        assert_eq!(
            Scanned::read(" TEA-1 "),
            Ok(Scanned::Other("TEA-1".to_owned()))
        );
        assert_eq!(
            Scanned::read("995242"),
            Ok(Scanned::Other("995242".to_owned()))
        );
    }

    #[test]
    fn a_wrong_digit_is_noticed_wherever_it_is() {
        let wrong = Scanned::read("4006381333932").unwrap_err();
        assert_eq!(wrong.expected, '1');
        assert!(wrong.to_string().contains("would end in 1"), "{wrong}");
        let right = "4006381333931";
        for i in 0..right.len() {
            let mut digits = right.as_bytes().to_vec();
            digits[i] = b'0' + (digits[i] - b'0' + 1) % 10;
            let text = String::from_utf8(digits).unwrap();
            assert!(Scanned::read(&text).is_err(), "{text}");
        }
    }

    #[test]
    fn goods_are_named_by_barcode_or_sku() {
        let upc = Scanned::read("036000291452").unwrap();
        assert!(upc.names("TEA", Some("0036000291452")));
        assert!(!upc.names("TEA", Some("4006381333931")));
        assert!(!upc.names("TEA", None));
        assert!(Scanned::read("tea").unwrap().names("TEA", None));
        // A SKU that is a number of that length, and no barcode at all.
        let number = Scanned::read("73513537").unwrap();
        assert!(number.names("73513537", None));
    }
}
