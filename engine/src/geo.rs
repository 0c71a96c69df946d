//! Distances on the sphere.

use serde::{Deserialize, Serialize};

/// Mean radius of the Earth in kilometres (IUGG), as the routing contract fixes it.
pub const EARTH_RADIUS_KM: f64 = 6371.0088;

/// A point on the Earth, in degrees; north and east are positive.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Location {
    /// Degrees, -90 to 90.
    pub lat: f64,
    /// Degrees, -180 to 180.
    pub lon: f64,
}

impl Location {
    /// Whether both coordinates are numbers in their ranges.
    pub fn is_valid(self) -> bool {
        (-90.0..=90.0).contains(&self.lat) && (-180.0..=180.0).contains(&self.lon)
    }

    /// Great-circle distance in kilometres.
    pub fn distance_km(self, other: Location) -> f64 {
        distance_km(self.lat, self.lon, other.lat, other.lon)
    }
}

/// Great-circle distance in kilometres between two points in degrees (haversine formula, which stays exact for
/// points that are close together). The trigonometry is a library's own and not the platform's, so that the browser
/// and every server get the same distance to the last bit, and with it the same zone and plan.
pub fn distance_km(lat1: f64, lon1: f64, lat2: f64, lon2: f64) -> f64 {
    let (phi1, phi2) = (lat1.to_radians(), lat2.to_radians());
    let half_dlat = (lat2 - lat1).to_radians() / 2.0;
    let half_dlon = (lon2 - lon1).to_radians() / 2.0;
    let (dlat, dlon) = (libm::sin(half_dlat), libm::sin(half_dlon));
    let h = dlat * dlat + libm::cos(phi1) * libm::cos(phi2) * dlon * dlon;
    2.0 * EARTH_RADIUS_KM * libm::asin(h.clamp(0.0, 1.0).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_york_to_los_angeles_is_3936_km() {
        let km = distance_km(40.7128, -74.0060, 34.0522, -118.2437);
        assert!((km - 3935.7).abs() < 1.0, "{km}");
    }

    #[test]
    fn a_point_is_no_distance_from_itself_and_half_the_equator_from_its_opposite() {
        assert!(distance_km(12.0, 34.0, 12.0, 34.0).abs() < 1e-9);
        let half = std::f64::consts::PI * EARTH_RADIUS_KM;
        assert!((distance_km(0.0, 0.0, 0.0, 180.0) - half).abs() < 1e-6);
    }
}
