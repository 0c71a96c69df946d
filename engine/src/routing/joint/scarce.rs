//! What there is too little of whatever the plans: stock and capacity that the window cannot do without.
//!
//! Send as many units as can be sent, whatever that costs: a largest flow from the SKUs over the nodes that hold them to
//! the nodes' capacities. The smallest cut (Ford and Fulkerson 1956) says which supply is short. A unit of that is worth
//! about what an unfilled one costs, which is far from 0 where prices otherwise begin.

use super::window::Window;

/// Supply, and SKUs of the window, of which some demand stays unfilled.
pub(super) struct Scarce {
    pub supply: Vec<bool>,
    skus: Vec<bool>,
}

impl Scarce {
    /// Whether a line asks for a SKU that is short.
    pub fn is_line(&self, window: &Window, order: usize, line: usize) -> bool {
        let case = &window.cases[order];
        self.skus[case.sku_of[case.facts.sku[line] as usize] as usize]
    }
}

/// A SKU at a node.
struct Edge {
    sku: u32,
    node: u32,
    of: u32,
    most: f64,
    flow: f64,
}

/// Rounds of augmenting, at most; what is found by then is only where prices begin.
const ROUNDS: usize = 200;

pub(super) fn find(window: &Window) -> Scarce {
    let mut demand = vec![0.0; window.skus];
    let mut asked: Vec<(u32, u32, u32, f64, f64)> = Vec::new();
    for case in &window.cases {
        for (quantity, sku) in case.facts.quantity.iter().zip(&case.facts.sku) {
            demand[case.sku_of[*sku as usize] as usize] += quantity;
        }
        case.most_uses(|node, sku, units| {
            let at = node * case.facts.skus + sku;
            let held = case.facts.stock[at];
            asked.push((
                case.sku_of[sku],
                node as u32,
                case.stock_of[at],
                held,
                units,
            ));
        });
    }
    asked.sort_unstable_by_key(|ask| (ask.0, ask.1));
    let mut edges: Vec<Edge> = Vec::new();
    for (sku, node, of, held, units) in asked {
        match edges.last_mut() {
            Some(edge) if edge.sku == sku && edge.node == node => {
                edge.most = (edge.most + units).min(held);
            }
            _ => edges.push(Edge {
                sku,
                node,
                of,
                most: units.min(held),
                flow: 0.0,
            }),
        }
    }
    let room = |of: &u32| window.supply[*of as usize];
    let mut room: Vec<f64> = window.room_of.iter().map(room).collect();
    let mut flow = Flow::new(&mut edges, &mut demand, &mut room);
    for _ in 0..ROUNDS {
        if !flow.augment() {
            break;
        }
    }
    flow.reach();
    let mut supply = vec![false; window.supply.len()];
    for edge in flow.edges.iter() {
        let is_cut = flow.sku_from[edge.sku as usize].is_some()
            && flow.node_from[edge.node as usize].is_none();
        supply[edge.of as usize] |= is_cut;
    }
    for (from, of) in flow.node_from.iter().zip(&window.room_of) {
        supply[*of as usize] |= from.is_some();
    }
    if let Some(enough) = supply.last_mut() {
        *enough = false;
    }
    Scarce {
        supply,
        skus: flow.sku_from.iter().map(Option::is_some).collect(),
    }
}

struct Flow<'a> {
    edges: &'a mut Vec<Edge>,
    /// What is not sent yet, and what each node can still take.
    demand: &'a mut Vec<f64>,
    room: &'a mut Vec<f64>,
    of_sku: Vec<Vec<u32>>,
    of_node: Vec<Vec<u32>>,
    /// The edge by which a search came to a SKU (none needed where it began) or a node.
    sku_from: Vec<Option<u32>>,
    node_from: Vec<Option<u32>>,
}

/// Where the search begins.
const ROOT: u32 = u32::MAX;

impl<'a> Flow<'a> {
    fn new(edges: &'a mut Vec<Edge>, demand: &'a mut Vec<f64>, room: &'a mut Vec<f64>) -> Self {
        let (mut of_sku, mut of_node) =
            (vec![Vec::new(); demand.len()], vec![Vec::new(); room.len()]);
        for (i, edge) in edges.iter_mut().enumerate() {
            of_sku[edge.sku as usize].push(i as u32);
            of_node[edge.node as usize].push(i as u32);
            // First each SKU to wherever there is room.
            let units = edge
                .most
                .min(demand[edge.sku as usize])
                .min(room[edge.node as usize]);
            edge.flow = units;
            demand[edge.sku as usize] -= units;
            room[edge.node as usize] -= units;
        }
        Flow {
            sku_from: vec![None; demand.len()],
            node_from: vec![None; room.len()],
            edges,
            demand,
            room,
            of_sku,
            of_node,
        }
    }

    /// Everything that unsent units lead to, breadth first; the nodes with room among it.
    fn reach(&mut self) -> Vec<u32> {
        self.sku_from.fill(None);
        self.node_from.fill(None);
        let mut ends = Vec::new();
        let mut queue: Vec<u32> = Vec::new();
        for (sku, left) in self.demand.iter().enumerate() {
            if *left > 0.0 {
                self.sku_from[sku] = Some(ROOT);
                queue.push(sku as u32);
            }
        }
        let mut at = 0;
        while at < queue.len() {
            for &i in &self.of_sku[queue[at] as usize] {
                let edge = &self.edges[i as usize];
                if edge.flow >= edge.most || self.node_from[edge.node as usize].is_some() {
                    continue;
                }
                self.node_from[edge.node as usize] = Some(i);
                if self.room[edge.node as usize] > 0.0 {
                    ends.push(edge.node);
                }
                for &back in &self.of_node[edge.node as usize] {
                    let edge = &self.edges[back as usize];
                    if edge.flow > 0.0 && self.sku_from[edge.sku as usize].is_none() {
                        self.sku_from[edge.sku as usize] = Some(back);
                        queue.push(edge.sku);
                    }
                }
            }
            at += 1;
        }
        ends
    }

    /// Sends more along a path to each node with room that there is one to; whether there was any.
    fn augment(&mut self) -> bool {
        let mut has_sent = false;
        for end in self.reach() {
            // Edges of the path, from its end: forth, back, forth and so on.
            let mut path = Vec::new();
            let mut units = self.room[end as usize];
            let mut node = end;
            let first = loop {
                let Some(forth) = self.node_from[node as usize] else {
                    break None;
                };
                let edge = &self.edges[forth as usize];
                units = units.min(edge.most - edge.flow);
                path.push(forth);
                match self.sku_from[edge.sku as usize] {
                    Some(ROOT) => break Some(edge.sku),
                    Some(back) => {
                        units = units.min(self.edges[back as usize].flow);
                        path.push(back);
                        node = self.edges[back as usize].node;
                    }
                    None => break None,
                }
            };
            let Some(sku) = first else { continue };
            // Another path of this round may have taken what this one needs.
            units = units.min(self.demand[sku as usize]);
            if units <= 0.0 {
                continue;
            }
            for (i, edge) in path.iter().enumerate() {
                let sign = if i % 2 == 0 { 1.0 } else { -1.0 };
                self.edges[*edge as usize].flow += sign * units;
            }
            self.demand[sku as usize] -= units;
            self.room[end as usize] -= units;
            has_sent = true;
        }
        has_sent
    }
}
