use super::order::status_enum;

status_enum! {
    /// What a person is to the merchant.
    Role {
        Owner => "owner", "Owner";
        Manager => "manager", "Manager";
        Agent => "agent", "Agent";
        NodeStaff => "node_staff", "Node staff";
        Viewer => "viewer", "Viewer";
    }
}

status_enum! {
    /// What an API key may be used for.
    Scope {
        OrdersRead => "orders_read", "Read orders and decisions";
        OrdersWrite => "orders_write", "Take in and change orders";
        StockRead => "stock_read", "Read stock";
        StockWrite => "stock_write", "Change stock";
        NetworkRead => "network_read", "Read products, nodes and services";
        NetworkWrite => "network_write", "Change products, nodes and services";
        FulfillmentsRead => "fulfillments_read", "Read fulfillments";
        FulfillmentsWrite => "fulfillments_write", "Work on fulfillments";
        TrackingWrite => "tracking_write", "Report carriers' scans";
        EventsRead => "events_read", "Read the event log and the stream";
        Promises => "promises", "Ask for promises";
    }
}

status_enum! {
    /// Everything that use cases ask about before they act.
    Permission {
        ReadOrders => "read_orders", "Read orders and decisions";
        ReadCustomers => "read_customers", "See customers' names and addresses";
        PlaceOrders => "place_orders", "Take orders in";
        ChangeOrders => "change_orders", "Hold, release, cancel and re-route orders";
        ReadStock => "read_stock", "Read stock";
        ChangeStock => "change_stock", "Count and adjust stock";
        ReadNetwork => "read_network", "Read products, nodes and services";
        ChangeNetwork => "change_network", "Change products, nodes and services";
        ReadFulfillments => "read_fulfillments", "Read fulfillments";
        WorkFulfillments => "work_fulfillments", "Accept, reject, pack and ship";
        ReportScans => "report_scans", "Report carriers' scans";
        ReadEvents => "read_events", "Read the event log";
        AskPromises => "ask_promises", "Ask for delivery promises";
        ManageAccess => "manage_access", "Manage people and API keys";
    }
}

impl Role {
    /// Which role may do what. This is the only place that says it. `node_staff` may do what it may do only at its
    /// own nodes, which the use case checks against the person's list.
    pub fn may(self, permission: Permission) -> bool {
        use Permission as P;
        match self {
            Role::Owner => true,
            Role::Manager => permission != P::ManageAccess,
            Role::Agent => matches!(
                permission,
                P::ReadOrders
                    | P::ReadCustomers
                    | P::PlaceOrders
                    | P::ChangeOrders
                    | P::ReadStock
                    | P::ReadNetwork
                    | P::ReadFulfillments
                    | P::ReadEvents
                    | P::AskPromises
            ),
            Role::NodeStaff => matches!(
                permission,
                P::ReadStock
                    | P::ChangeStock
                    | P::ReadNetwork
                    | P::ReadFulfillments
                    | P::WorkFulfillments
            ),
            Role::Viewer => {
                matches!(
                    permission,
                    P::ReadOrders
                        | P::ReadStock
                        | P::ReadNetwork
                        | P::ReadFulfillments
                        | P::ReadEvents
                        | P::AskPromises
                )
            }
        }
    }
}

impl Scope {
    /// What a key with this scope may do.
    pub fn grants(self, permission: Permission) -> bool {
        use Permission as P;
        match self {
            Scope::OrdersRead => matches!(permission, P::ReadOrders | P::ReadCustomers),
            Scope::OrdersWrite => {
                matches!(
                    permission,
                    P::PlaceOrders | P::ChangeOrders | P::ReadOrders | P::ReadCustomers
                )
            }
            Scope::StockRead => permission == P::ReadStock,
            Scope::StockWrite => matches!(permission, P::ChangeStock | P::ReadStock),
            Scope::NetworkRead => permission == P::ReadNetwork,
            Scope::NetworkWrite => matches!(permission, P::ChangeNetwork | P::ReadNetwork),
            Scope::FulfillmentsRead => permission == P::ReadFulfillments,
            Scope::FulfillmentsWrite => {
                matches!(
                    permission,
                    P::WorkFulfillments | P::ReadFulfillments | P::ReportScans
                )
            }
            Scope::TrackingWrite => permission == P::ReportScans,
            Scope::EventsRead => permission == P::ReadEvents,
            Scope::Promises => permission == P::AskPromises,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_owner_manages_access_and_a_viewer_changes_nothing() {
        for role in Role::ALL {
            assert_eq!(role.may(Permission::ManageAccess), *role == Role::Owner);
        }
        let writes = ["place_", "change_", "work_", "report_", "manage_"];
        for permission in Permission::ALL {
            if writes.iter().any(|w| permission.as_str().starts_with(w)) {
                assert!(!Role::Viewer.may(*permission), "{permission}");
            }
        }
    }
}
