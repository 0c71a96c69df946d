use engine::geo::Location;
use engine::model::{NodeKind, NodeStatus, NodeView};
use leptos::prelude::*;

use crate::format;

/// Size of the map's drawing, which `assets/us-states.svg` was made for.
const WIDTH: f64 = 975.0;
const HEIGHT: f64 = 610.0;

/// The nodes on a map of the United States: a shape for the kind, a size for the load, a stroke for the state, so that
/// it reads without color. Nodes elsewhere are only in the table below.
#[component]
pub fn NodeMap(nodes: Vec<NodeView>) -> impl IntoView {
    let all = nodes.len();
    let mut placed: Vec<_> = nodes
        .into_iter()
        .filter_map(|view| {
            let at = albers_usa(view.node.location?)?;
            Some((view, at))
        })
        .collect();
    if placed.is_empty() {
        return ().into_any();
    }
    // Big ones first, so that small ones stay on top.
    placed.sort_by(|(a, _), (b, _)| share(b).total_cmp(&share(a)));
    let elsewhere = all - placed.len();
    view! {
        <figure class="map card">
            <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="group" aria-label="Nodes on a map">
                <use_ href="/us-states.svg#states" class="land"></use_>
                {placed
                    .into_iter()
                    .map(|(view, (x, y))| {
                        let label = label_of(&view);
                        let name = label.clone();
                        let class = match (view.node.status, view.load.open_now) {
                            (NodeStatus::Paused, _) => "mark is-paused",
                            (NodeStatus::Active, true) => "mark is-open",
                            (NodeStatus::Active, false) => "mark is-closed",
                        };
                        view! {
                            <a href=format!("/nodes/{}", view.node.code) aria-label=name>
                                <path class=class d=shape(view.node.kind, x, y, 6.0 + 9.0 * share(&view).sqrt())>
                                    <title>{label}</title>
                                </path>
                            </a>
                        }
                    })
                    .collect_view()}
            </svg>
            <figcaption>
                <span>"■ Warehouse"</span>
                <span>"● Store"</span>
                <span>"◆ Third party"</span>
                <span>"▲ Vendor"</span>
                <span>"Larger: busier today"</span>
                <span>"Filled: open · hollow: closed now · dashed: paused"</span>
                {(elsewhere > 0)
                    .then(|| {
                        view! { <span>{format!("{} not on this map", format::counted(elsewhere, "node", "nodes"))}</span> }
                    })}
            </figcaption>
        </figure>
    }
    .into_any()
}

/// Load against capacity, 0 to 1; without a limit, against 500 units.
fn share(view: &NodeView) -> f64 {
    let capacity = view.load.daily_capacity.map_or(500.0, f64::from).max(1.0);
    (view.load.assigned_today as f64 / capacity).clamp(0.0, 1.0)
}

fn label_of(view: &NodeView) -> String {
    let state = match (view.node.status, view.load.open_now) {
        (NodeStatus::Paused, _) => "paused",
        (NodeStatus::Active, true) => "open",
        (NodeStatus::Active, false) => "closed now",
    };
    let load = match view.load.daily_capacity {
        Some(capacity) => format!(
            "{} of {} units today",
            format::count(view.load.assigned_today),
            format::count(capacity)
        ),
        None => format!(
            "{} today",
            format::counted(view.load.assigned_today, "unit", "units")
        ),
    };
    format!(
        "{}, {}, {state}, {load}",
        view.node.name,
        view.node.kind.label()
    )
}

fn shape(kind: NodeKind, x: f64, y: f64, r: f64) -> String {
    let (left, top, wide) = (x - r, y - r, 2.0 * r);
    match kind {
        NodeKind::Warehouse => format!("M{left:.1} {top:.1}h{wide:.1}v{wide:.1}h-{wide:.1}z"),
        NodeKind::Store => {
            format!(
                "M{left:.1} {y:.1}a{r:.1} {r:.1} 0 1 0 {wide:.1} 0a{r:.1} {r:.1} 0 1 0 -{wide:.1} 0z"
            )
        }
        NodeKind::ThirdParty => {
            format!("M{x:.1} {top:.1}l{r:.1} {r:.1}l-{r:.1} {r:.1}l-{r:.1} -{r:.1}z")
        }
        NodeKind::Vendor => format!("M{x:.1} {top:.1}l{r:.1} {wide:.1}h-{wide:.1}z"),
    }
}

/// A place on the drawing: the Albers projection of the United States with Alaska and Hawaii as insets, as the outline
/// uses it (d3's `geoAlbersUsa` at scale 1300 around the middle of the drawing); `None` outside of it.
fn albers_usa(at: Location) -> Option<(f64, f64)> {
    const SCALE: f64 = 1_300.0;
    let (x0, y0) = (487.5, 305.0);
    let (lat, lon) = (at.lat, at.lon);
    let (x, y) = if (51.0..72.0).contains(&lat) && !(-129.0..=170.0).contains(&lon) {
        let (x, y) = conic(lat, lon, -154.0, (55.0, 65.0), (-2.0, 58.5));
        (
            x0 - 0.307 * SCALE + 0.35 * SCALE * x,
            y0 + 0.201 * SCALE + 0.35 * SCALE * y,
        )
    } else if (18.0..23.0).contains(&lat) && (-161.0..-154.0).contains(&lon) {
        let (x, y) = conic(lat, lon, -157.0, (8.0, 18.0), (-3.0, 19.9));
        (
            x0 - 0.205 * SCALE + SCALE * x,
            y0 + 0.212 * SCALE + SCALE * y,
        )
    } else if (24.0..50.0).contains(&lat) && (-126.0..-66.0).contains(&lon) {
        let (x, y) = conic(lat, lon, -96.0, (29.5, 45.5), (-0.6, 38.7));
        (x0 + SCALE * x, y0 + SCALE * y)
    } else {
        return None;
    };
    ((0.0..=WIDTH).contains(&x) && (0.0..=HEIGHT).contains(&y)).then_some((x, y))
}

/// Albers' equal-area conic projection on the unit sphere, relative to `center` (longitude from the meridian, latitude).
fn conic(
    lat: f64,
    lon: f64,
    meridian: f64,
    parallels: (f64, f64),
    center: (f64, f64),
) -> (f64, f64) {
    let (s0, s1) = (
        parallels.0.to_radians().sin(),
        parallels.1.to_radians().sin(),
    );
    let n = f64::midpoint(s0, s1);
    let c = 1.0 + s0 * (2.0 * n - s0);
    let rho0 = c.sqrt() / n;
    let raw = |lambda: f64, phi: f64| {
        let rho = (c - 2.0 * n * phi.sin()).sqrt() / n;
        let theta = lambda * n;
        (rho * theta.sin(), rho0 - rho * theta.cos())
    };
    let mut from_meridian = lon - meridian;
    if from_meridian > 180.0 {
        from_meridian -= 360.0;
    }
    if from_meridian < -180.0 {
        from_meridian += 360.0;
    }
    let (x, y) = raw(from_meridian.to_radians(), lat.to_radians());
    let (cx, cy) = raw(center.0.to_radians(), center.1.to_radians());
    (x - cx, cy - y)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Points of d3's `geoAlbersUsa().scale(1300).translate([487.5, 305])`.
    #[test]
    fn places_are_where_the_outline_has_them() {
        let cases = [
            ((40.7128, -74.006), (869.7188, 215.7405)),
            ((37.7749, -122.4194), (34.8411, 261.4355)),
            ((25.7617, -80.1918), (822.7383, 572.5408)),
            ((61.2181, -149.9003), (112.2774, 544.2779)),
            ((21.3069, -157.8583), (266.9599, 549.1904)),
        ];
        for ((lat, lon), (x, y)) in cases {
            let (px, py) = albers_usa(Location { lat, lon }).unwrap();
            assert!(
                (px - x).abs() < 0.01 && (py - y).abs() < 0.01,
                "{lat},{lon}: {px},{py}"
            );
        }
        assert_eq!(
            albers_usa(Location {
                lat: 51.34,
                lon: 12.37
            }),
            None
        );
    }
}
