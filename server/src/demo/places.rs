//! Where the demonstration's nodes are: real cities with real ZIP codes. Store 1 is the busiest of the data and stands
//! in the largest city, and so on down the list.

use engine::model::NodeKind;

/// A place of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodePlace {
    pub kind: NodeKind,
    /// The node's code.
    pub code: &'static str,
    /// The node's name.
    pub name: &'static str,
    pub city: &'static str,
    /// The state's two letters.
    pub region: &'static str,
    pub postal_code: &'static str,
}

const fn place(
    kind: NodeKind,
    code: &'static str,
    name: &'static str,
    city: &'static str,
    region: &'static str,
    postal_code: &'static str,
) -> NodePlace {
    NodePlace {
        kind,
        code,
        name,
        city,
        region,
        postal_code,
    }
}

const fn store(
    code: &'static str,
    name: &'static str,
    region: &'static str,
    postal_code: &'static str,
) -> NodePlace {
    place(NodeKind::Store, code, name, name, region, postal_code)
}

/// Four warehouses where American logistics has them, two third parties and a vendor.
#[rustfmt::skip]
pub const HUBS: [NodePlace; 7] = [
    place(NodeKind::Warehouse, "dc-louisville", "Louisville warehouse", "Louisville", "KY", "40219"),
    place(NodeKind::Warehouse, "dc-dallas", "Dallas warehouse", "Dallas", "TX", "75241"),
    place(NodeKind::Warehouse, "dc-allentown", "Allentown warehouse", "Allentown", "PA", "18106"),
    place(NodeKind::Warehouse, "dc-ontario", "Ontario warehouse", "Ontario", "CA", "91761"),
    place(NodeKind::ThirdParty, "3pl-reno", "Truckee River Fulfillment", "Reno", "NV", "89506"),
    place(NodeKind::ThirdParty, "3pl-mcdonough", "Piedmont Fulfillment", "McDonough", "GA", "30253"),
    place(NodeKind::Vendor, "vendor-grand-rapids", "Grand River Foods", "Grand Rapids", "MI", "49512"),
];

/// The sixty stores, in the order of the data's store numbers.
#[rustfmt::skip]
pub const STORES: [NodePlace; 60] = [
    store("store-new-york", "New York", "NY", "10011"),
    store("store-los-angeles", "Los Angeles", "CA", "90015"),
    store("store-chicago", "Chicago", "IL", "60614"),
    store("store-houston", "Houston", "TX", "77007"),
    store("store-phoenix", "Phoenix", "AZ", "85016"),
    store("store-philadelphia", "Philadelphia", "PA", "19103"),
    store("store-san-antonio", "San Antonio", "TX", "78216"),
    store("store-san-diego", "San Diego", "CA", "92101"),
    store("store-brooklyn", "Brooklyn", "NY", "11215"),
    store("store-dallas", "Dallas", "TX", "75204"),
    store("store-san-jose", "San Jose", "CA", "95112"),
    store("store-austin", "Austin", "TX", "78704"),
    store("store-jacksonville", "Jacksonville", "FL", "32204"),
    store("store-fort-worth", "Fort Worth", "TX", "76107"),
    store("store-columbus", "Columbus", "OH", "43215"),
    store("store-charlotte", "Charlotte", "NC", "28203"),
    store("store-indianapolis", "Indianapolis", "IN", "46204"),
    store("store-san-francisco", "San Francisco", "CA", "94110"),
    store("store-seattle", "Seattle", "WA", "98103"),
    store("store-denver", "Denver", "CO", "80203"),
    store("store-washington", "Washington", "DC", "20009"),
    store("store-boston", "Boston", "MA", "02116"),
    store("store-nashville", "Nashville", "TN", "37203"),
    store("store-el-paso", "El Paso", "TX", "79912"),
    store("store-detroit", "Detroit", "MI", "48226"),
    store("store-oklahoma-city", "Oklahoma City", "OK", "73106"),
    store("store-portland", "Portland", "OR", "97209"),
    store("store-las-vegas", "Las Vegas", "NV", "89117"),
    store("store-memphis", "Memphis", "TN", "38104"),
    store("store-baltimore", "Baltimore", "MD", "21230"),
    store("store-milwaukee", "Milwaukee", "WI", "53202"),
    store("store-albuquerque", "Albuquerque", "NM", "87110"),
    store("store-tucson", "Tucson", "AZ", "85719"),
    store("store-fresno", "Fresno", "CA", "93704"),
    store("store-sacramento", "Sacramento", "CA", "95816"),
    store("store-kansas-city", "Kansas City", "MO", "64111"),
    store("store-mesa", "Mesa", "AZ", "85204"),
    store("store-atlanta", "Atlanta", "GA", "30309"),
    store("store-omaha", "Omaha", "NE", "68131"),
    store("store-colorado-springs", "Colorado Springs", "CO", "80903"),
    store("store-raleigh", "Raleigh", "NC", "27605"),
    store("store-miami", "Miami", "FL", "33133"),
    store("store-virginia-beach", "Virginia Beach", "VA", "23451"),
    store("store-oakland", "Oakland", "CA", "94611"),
    store("store-minneapolis", "Minneapolis", "MN", "55408"),
    store("store-tulsa", "Tulsa", "OK", "74105"),
    store("store-tampa", "Tampa", "FL", "33606"),
    store("store-new-orleans", "New Orleans", "LA", "70115"),
    store("store-wichita", "Wichita", "KS", "67206"),
    store("store-cleveland", "Cleveland", "OH", "44113"),
    store("store-pittsburgh", "Pittsburgh", "PA", "15222"),
    store("store-cincinnati", "Cincinnati", "OH", "45202"),
    store("store-st-louis", "St. Louis", "MO", "63108"),
    store("store-orlando", "Orlando", "FL", "32803"),
    store("store-jersey-city", "Jersey City", "NJ", "07302"),
    store("store-richmond", "Richmond", "VA", "23220"),
    store("store-salt-lake-city", "Salt Lake City", "UT", "84102"),
    store("store-boise", "Boise", "ID", "83702"),
    store("store-birmingham", "Birmingham", "AL", "35205"),
    store("store-buffalo", "Buffalo", "NY", "14222"),
];

/// Every node's place.
pub fn all() -> impl Iterator<Item = &'static NodePlace> {
    HUBS.iter().chain(&STORES)
}

/// What ZIP codes say about the state: first three digits from and to, the state, and a town for the address.
#[rustfmt::skip]
const STATES: [(u32, u32, &str, &str); 49] = [
    (10, 27, "MA", "Worcester"), (28, 29, "RI", "Providence"), (30, 38, "NH", "Manchester"),
    (39, 49, "ME", "Bangor"), (50, 59, "VT", "Burlington"), (60, 69, "CT", "Hartford"),
    (70, 89, "NJ", "Trenton"), (100, 149, "NY", "Albany"), (150, 196, "PA", "Harrisburg"),
    (197, 199, "DE", "Dover"), (206, 219, "MD", "Annapolis"), (220, 246, "VA", "Roanoke"),
    (247, 268, "WV", "Charleston"), (270, 289, "NC", "Greensboro"), (290, 299, "SC", "Columbia"),
    (300, 319, "GA", "Macon"), (320, 349, "FL", "Gainesville"), (350, 369, "AL", "Montgomery"),
    (370, 385, "TN", "Knoxville"), (386, 397, "MS", "Jackson"), (400, 427, "KY", "Lexington"),
    (430, 459, "OH", "Dayton"), (460, 479, "IN", "Fort Wayne"), (480, 499, "MI", "Lansing"),
    (500, 528, "IA", "Des Moines"), (530, 549, "WI", "Madison"), (550, 567, "MN", "Duluth"),
    (570, 577, "SD", "Sioux Falls"), (580, 588, "ND", "Fargo"), (590, 599, "MT", "Billings"),
    (600, 629, "IL", "Peoria"), (630, 658, "MO", "Springfield"), (660, 679, "KS", "Topeka"),
    (680, 693, "NE", "Lincoln"), (700, 714, "LA", "Baton Rouge"), (716, 729, "AR", "Little Rock"),
    (730, 749, "OK", "Norman"), (750, 799, "TX", "Waco"), (800, 816, "CO", "Pueblo"),
    (820, 831, "WY", "Casper"), (832, 838, "ID", "Pocatello"), (840, 847, "UT", "Provo"),
    (850, 865, "AZ", "Flagstaff"), (870, 884, "NM", "Santa Fe"), (889, 898, "NV", "Elko"),
    (900, 961, "CA", "Bakersfield"), (967, 968, "HI", "Honolulu"), (970, 979, "OR", "Eugene"),
    (980, 994, "WA", "Spokane"),
];

/// State and town for a ZIP code; `None` where the demonstration sends nothing.
pub fn state_of(postal_code: &str) -> Option<(&'static str, &'static str)> {
    let prefix: u32 = postal_code.get(..3)?.parse().ok()?;
    STATES
        .iter()
        .find(|(from, to, _, _)| (*from..=*to).contains(&prefix))
        .map(|(_, _, region, city)| (*region, *city))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use orchestrator::places;

    use super::*;

    #[test]
    fn every_place_is_in_the_zip_table_and_in_its_state() {
        let mut codes = HashSet::new();
        for place in all() {
            assert!(codes.insert(place.code), "{} twice", place.code);
            assert!(
                places::lookup_us(place.postal_code).is_some(),
                "{} {}",
                place.code,
                place.postal_code
            );
            // The capital has no state.
            if place.region != "DC" {
                assert_eq!(
                    state_of(place.postal_code).unwrap().0,
                    place.region,
                    "{}",
                    place.code
                );
            }
        }
        assert_eq!(codes.len(), 67);
    }
}
