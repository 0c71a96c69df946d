//! Where postal codes are.

use std::collections::HashMap;
use std::io::Read;
use std::sync::LazyLock;

use flate2::read::GzDecoder;

/// The place of a postal code.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    pub lat: f64,
    pub lon: f64,
    /// IANA name.
    pub time_zone: &'static str,
}

/// US ZIP codes: zip, lat, lon, tz. From GeoNames (CC BY 4.0) and the US Census, see `data/README.md`.
static US_ZIP_GZ: &[u8] = include_bytes!("../../data/us_zip.csv.gz");

static US: LazyLock<HashMap<u32, Place>> = LazyLock::new(|| {
    let mut text = String::new();
    // The file is part of the program; a test reads it.
    if GzDecoder::new(US_ZIP_GZ).read_to_string(&mut text).is_err() {
        return HashMap::new();
    }
    let text: &'static str = text.leak();
    text.lines().skip(1).filter_map(parse).collect()
});

fn parse(line: &'static str) -> Option<(u32, Place)> {
    let mut fields = line.trim_end().split(',');
    let zip = fields.next()?.parse().ok()?;
    let (lat, lon) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((
        zip,
        Place {
            lat,
            lon,
            time_zone: fields.next()?,
        },
    ))
}

/// The place of a US ZIP code; `12345-6789` counts as `12345`.
pub fn lookup_us(postal: &str) -> Option<Place> {
    let postal = postal.trim().as_bytes();
    let five = match postal {
        [five @ .., b'-', _, _, _, _] => five,
        _ => postal,
    };
    if five.len() != 5 || !five.iter().all(u8::is_ascii_digit) {
        return None;
    }
    US.get(&std::str::from_utf8(five).ok()?.parse().ok()?)
        .copied()
}

/// The place of a postal code of a country; only the US is known so far.
pub fn lookup(country: &str, postal: &str) -> Option<Place> {
    if country == "US" {
        lookup_us(postal)
    } else {
        None
    }
}

/// A place in the midst of a country, for when nothing else of an address is known.
pub fn midst(country: &str) -> Option<Place> {
    match country {
        // Lebanon, Kansas, is as far from one coast as from the other.
        "US" => lookup_us("66952"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zip_codes_have_a_place_and_a_zone() {
        let ny = lookup_us("10001").unwrap();
        assert!(
            (ny.lat - 40.75).abs() < 0.1 && (ny.lon + 73.99).abs() < 0.1,
            "{ny:?}"
        );
        assert_eq!(ny.time_zone, "America/New_York");
        assert_eq!(lookup_us("10001-1234"), Some(ny));
        assert_eq!(lookup_us("96813").unwrap().time_zone, "Pacific/Honolulu");
        for unknown in ["00000", "1000", "1000l", "", "10001-12", "٠٠٠٠١"] {
            assert_eq!(lookup_us(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn every_zone_is_one_that_the_calendar_knows() {
        assert!(US.len() > 41_000);
        for place in US.values() {
            assert!(
                place.time_zone.parse::<chrono_tz::Tz>().is_ok(),
                "{}",
                place.time_zone
            );
        }
    }
}
