//! The tables as sea-orm entities. The columns are described where they are made, in `migrations`.

/// Declares one table.
macro_rules! table {
    ($module:ident, $table:literal { $($(#[$attribute:meta])* $field:ident: $type:ty,)* }) => {
        pub(crate) mod $module {
            use sea_orm::entity::prelude::*;

            #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
            #[sea_orm(table_name = $table)]
            pub struct Model {
                $($(#[$attribute])* pub $field: $type,)*
            }

            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}

            impl crate::store::sql::Row for Model {
                const TABLE: &'static str = $table;
                const COLUMNS: &'static [&'static str] = &[$(stringify!($field)),*];

                fn values(self) -> Vec<sea_orm::Value> {
                    vec![$(self.$field.into()),*]
                }
            }
        }
    };
}

table!(merchants, "merchants" {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    name: String,
    currency: String,
    time_zone: String,
    demo: bool,
    policy: String,
    event_seq: i64,
    event_hash: String,
    order_seq: i64,
    network_version: i64,
    created_at: i64,
});

table!(users, "users" {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    merchant_id: Uuid,
    email: String,
    name: String,
    role: String,
    nodes: String,
    password_hash: String,
    disabled: bool,
    created_at: i64,
    sessions_from: i64,
    preferences: String,
});

table!(saved_views, "saved_views" {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    merchant_id: Uuid,
    user_id: Uuid,
    name: String,
    query: String,
    columns: String,
    created_at: i64,
});

table!(sessions, "sessions" {
    #[sea_orm(primary_key, auto_increment = false)]
    id: String,
    data: String,
    expires_at: i64,
});

table!(sign_in_attempts, "sign_in_attempts" {
    #[sea_orm(primary_key, auto_increment = false)]
    subject: String,
    failures: i64,
    last_failure_at: i64,
});

table!(api_keys, "api_keys" {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    merchant_id: Uuid,
    name: String,
    kind: String,
    hash: String,
    last4: String,
    scopes: String,
    origins: String,
    created_at: i64,
    revoked_at: Option<i64>,
});

table!(idempotency_keys, "idempotency_keys" {
    #[sea_orm(primary_key, auto_increment = false)]
    merchant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    key: String,
    fingerprint: String,
    answer: String,
    created_at: i64,
});

table!(channels, "channels" {
    #[sea_orm(primary_key, auto_increment = false)]
    merchant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    code: String,
    name: String,
});

table!(products, "products" {
    #[sea_orm(primary_key, auto_increment = false)]
    merchant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    sku: String,
    name: String,
    weight_g: i64,
    requires: String,
    detail: String,
    search: String,
    updated_at: i64,
    category: Option<String>,
});

table!(nodes, "nodes" {
    #[sea_orm(primary_key, auto_increment = false)]
    merchant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    code: String,
    name: String,
    kind: String,
    status: String,
    detail: String,
    updated_at: i64,
});

table!(services, "services" {
    #[sea_orm(primary_key, auto_increment = false)]
    merchant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    code: String,
    carrier: String,
    level: String,
    detail: String,
    updated_at: i64,
});

table!(networks, "networks" {
    #[sea_orm(primary_key, auto_increment = false)]
    merchant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    hash: String,
    content: String,
    created_at: i64,
});

table!(node_days, "node_days" {
    #[sea_orm(primary_key, auto_increment = false)]
    merchant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    node: String,
    #[sea_orm(primary_key, auto_increment = false)]
    day: String,
    units: i64,
});

table!(stock, "stock" {
    #[sea_orm(primary_key, auto_increment = false)]
    merchant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    sku: String,
    #[sea_orm(primary_key, auto_increment = false)]
    node: String,
    on_hand: i64,
    reserved: i64,
    safety_stock: i64,
    updated_at: i64,
    own_safety: Option<i64>,
});

table!(safety_rules, "safety_rules" {
    #[sea_orm(primary_key, auto_increment = false)]
    merchant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    position: i64,
    rule: String,
});

table!(allocation_rules, "allocation_rules" {
    #[sea_orm(primary_key, auto_increment = false)]
    merchant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    position: i64,
    rule: String,
});

table!(incoming_stock, "incoming_stock" {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    merchant_id: Uuid,
    sku: String,
    node: String,
    quantity: i64,
    expected_at: i64,
});

table!(stock_movements, "stock_movements" {
    #[sea_orm(primary_key, auto_increment = false)]
    merchant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    seq: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    position: i64,
    node: String,
    sku: String,
    on_hand_delta: i64,
    reserved_delta: i64,
    cause: String,
    reason: Option<String>,
    order_id: Option<Uuid>,
});

table!(orders, "orders" {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    merchant_id: Uuid,
    number: i64,
    channel: String,
    external_id: String,
    content_hash: String,
    status: String,
    placed_at: i64,
    received_at: i64,
    updated_at: i64,
    currency: String,
    total: i64,
    customer: String,
    customer_name: String,
    ship_to: Option<String>,
    destination: String,
    lat: Option<f64>,
    lon: Option<f64>,
    time_zone: Option<String>,
    delivery: String,
    line_count: i64,
    units: i64,
    waiting_units: i64,
    nodes: String,
    note: Option<String>,
    held: bool,
    hold_reason: Option<String>,
    excluded_nodes: String,
    search: String,
    plan_due_at: Option<i64>,
    plan_trigger: String,
    plan_attempts: i64,
    claimed_until: i64,
    version: i64,
    repairs: i64,
    promised_by: Option<String>,
    tier: i64,
    plan_within: Option<String>,
});

table!(order_lines, "order_lines" {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    merchant_id: Uuid,
    order_id: Uuid,
    position: i64,
    external_id: String,
    sku: String,
    quantity: i64,
    allocated: i64,
    cancelled: i64,
    shipped: i64,
    unit_price: i64,
    waiting_reason: Option<String>,
});

table!(fulfillments, "fulfillments" {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    merchant_id: Uuid,
    order_id: Uuid,
    decision_id: Option<Uuid>,
    node: String,
    service: Option<String>,
    status: String,
    units: i64,
    cost: f64,
    work_day: Option<String>,
    ship_by: Option<i64>,
    transit_days: Option<i64>,
    tracking_number: Option<String>,
    reason: Option<String>,
    created_at: i64,
    updated_at: i64,
    trouble: Option<String>,
    late_since: Option<i64>,
    accept_by: Option<i64>,
    cause: Option<String>,
    pickup_code: Option<String>,
    code_tries: i64,
    code_again_at: i64,
    collect_by: Option<i64>,
});

table!(fulfillment_lines, "fulfillment_lines" {
    #[sea_orm(primary_key, auto_increment = false)]
    fulfillment_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    line_id: Uuid,
    sku: String,
    quantity: i64,
});

table!(decisions, "decisions" {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    merchant_id: Uuid,
    order_id: Uuid,
    run: i64,
    trigger_kind: String,
    decided_at: i64,
    took_us: i64,
    network_hash: String,
    inputs: String,
    plan: String,
    ruled_out: String,
});

table!(exceptions, "exceptions" {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    merchant_id: Uuid,
    kind: String,
    state: String,
    subject: String,
    order_id: Option<Uuid>,
    fulfillment_id: Option<Uuid>,
    node: Option<String>,
    cause: String,
    evidence: String,
    at_stake: i64,
    due_at: Option<i64>,
    snoozed_until: Option<i64>,
    assigned_to: Option<Uuid>,
    resolution: Option<String>,
    times: i64,
    raised_at: i64,
    updated_at: i64,
    closed_at: Option<i64>,
});

table!(exclusions, "exclusions" {
    #[sea_orm(primary_key, auto_increment = false)]
    order_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    node: String,
    #[sea_orm(primary_key, auto_increment = false)]
    sku: String,
    merchant_id: Uuid,
    until: i64,
    cause: String,
});

table!(bulk_actions, "bulk_actions" {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    merchant_id: Uuid,
    action: String,
    reason: Option<String>,
    filter: String,
    actor: String,
    status: String,
    total: i64,
    done: i64,
    skipped: i64,
    last_number: i64,
    up_to_number: i64,
    created_at: i64,
    updated_at: i64,
});

table!(bulk_skips, "bulk_skips" {
    #[sea_orm(primary_key, auto_increment = false)]
    bulk_action_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    number: i64,
    order_id: Uuid,
    reason: String,
});

table!(promises, "promises" {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    merchant_id: Uuid,
    channel: Option<String>,
    status: String,
    asked: String,
    answer: String,
    plans: String,
    created_at: i64,
    expires_at: i64,
});

table!(order_promises, "order_promises" {
    #[sea_orm(primary_key, auto_increment = false)]
    order_id: Uuid,
    merchant_id: Uuid,
    promise_id: Uuid,
    channel: String,
    option_id: Option<String>,
    promised_from: Option<String>,
    promised_by: Option<String>,
    probability: Option<f64>,
    expires_at: i64,
    goods_from: Option<i64>,
    cited_at: i64,
    node: Option<String>,
    service: Option<String>,
    lane: Option<String>,
    routed_within: Option<bool>,
    routed_probability: Option<f64>,
    why_not: Option<String>,
    outcome: Option<String>,
    delivered_on: Option<String>,
    days_late: Option<i64>,
});

table!(stock_holds, "stock_holds" {
    merchant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    promise_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    sku: String,
    #[sea_orm(primary_key, auto_increment = false)]
    node: String,
    work_day: Option<String>,
    quantity: i64,
    held_until: i64,
    order_id: Option<Uuid>,
    channel: String,
});

table!(transit_observations, "transit_observations" {
    merchant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    fulfillment_id: Uuid,
    seq: i64,
    service: String,
    zone: i64,
    origin: String,
    destination: String,
    stated_days: i64,
    taken_days: i64,
});

table!(events, "events" {
    #[sea_orm(primary_key, auto_increment = false)]
    merchant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    seq: i64,
    id: Uuid,
    kind: String,
    subject: String,
    actor: String,
    at: i64,
    summary: String,
    data: String,
    previous_hash: String,
    hash: String,
});

table!(tracking_scans, "tracking_scans" {
    #[sea_orm(primary_key, auto_increment = false)]
    merchant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    event_id: String,
    tracking_number: String,
    status: Option<String>,
    given: String,
    reason: Option<String>,
    occurred_at: i64,
    occurred_offset: i64,
    received_at: i64,
    location: Option<String>,
    message: Option<String>,
    fulfillment_id: Option<Uuid>,
});

table!(parcels, "parcels" {
    #[sea_orm(primary_key, auto_increment = false)]
    fulfillment_id: Uuid,
    merchant_id: Uuid,
    order_id: Uuid,
    status: String,
    status_at: i64,
    shipped_at: i64,
    first_scan_at: Option<i64>,
    last_scan_at: Option<i64>,
    delivered_at: Option<i64>,
    delay_reason: Option<String>,
    delayed_at: Option<i64>,
    expected_by: Option<String>,
    told_by: Option<String>,
    told_at: Option<i64>,
    check_at: Option<i64>,
});

table!(tracking_links, "tracking_links" {
    #[sea_orm(primary_key, auto_increment = false)]
    hash: String,
    merchant_id: Uuid,
    order_id: Uuid,
    generation: Option<i64>,
    made_at: i64,
    revoked_at: Option<i64>,
});

table!(tracking_visits, "tracking_visits" {
    #[sea_orm(primary_key, auto_increment = false)]
    hash: String,
    link_hash: String,
    made_at: i64,
    expires_at: i64,
    code_hash: Option<String>,
    code_until: Option<i64>,
    code_tries: i64,
    codes_sent: i64,
    verified_until: Option<i64>,
});

table!(messages, "messages" {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    merchant_id: Uuid,
    order_id: Uuid,
    seq: i64,
    kind: String,
    data: String,
    status: String,
    attempts: i64,
    due_at: i64,
    created_at: i64,
    done_at: Option<i64>,
    problem: Option<String>,
});

table!(mailbox, "mailbox" {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    merchant_id: Uuid,
    kind: String,
    recipient: String,
    subject: String,
    html: String,
    body: String,
    sent_at: i64,
});
