//! The vocabulary of order orchestration, as types that make wrong states hard to write down. They are what the
//! HTTP API answers with and what the pages show, so a thing has one name and one shape everywhere.

mod access;
mod account;
mod address;
mod allocation;
mod barcode;
mod decision;
mod event;
mod exception;
mod fulfillment;
mod ids;
mod money;
mod node;
mod node_change;
mod order;
mod page;
mod product;
mod promise;
mod scope;
mod service;
mod stock;
mod today;
mod tracking;
mod transit;
mod work;

pub use access::{Permission, Role, Scope};
pub use account::{
    ApiKeyView, Channel, KeyKind, MerchantView, Preferences, SavedView, UserView, Viewer,
};
pub use address::{Address, Customer};
pub use allocation::{AllocationRule, ChannelUnits, Claims, Division};
pub use barcode::{Scanned, WrongDigit};
pub use decision::{DecisionView, RuledOut, Together, Trigger};
pub use event::{EventView, StockMove};
pub use exception::{
    ExceptionAction, ExceptionCounts, ExceptionFilter, ExceptionFix, ExceptionKind, ExceptionRow,
    ExceptionState, FixEffect, RepairSettings, Trouble,
};
pub use fulfillment::{
    FulfillmentLineView, FulfillmentRow, FulfillmentStatus, FulfillmentView, PickedLine,
    RejectCause,
};
pub use ids::{
    DecisionId, EventId, ExceptionId, FulfillmentId, IdError, KeyId, LineId, MerchantId, OrderId,
    PromiseId, SavedViewId, UserId,
};
pub use money::{Currency, CurrencyError, format_money};
pub use node::{
    CalendarDay, DayHours, Handling, Node, NodeAddress, NodeKind, NodeLoad, NodeOffer, NodeStatus,
    NodeView, WEEKDAYS, Week,
};
pub use node_change::{HolidayView, Moved, NodeChange, NodePause};
pub use order::{
    BulkAction, BulkSkip, Delivery, DeliveryMethod, LineView, MovePreview, Neighbours, NewLine,
    NewOrder, OrderAction, OrderCounts, OrderFilter, OrderMove, OrderRow, OrderSort, OrderStatus,
    OrderView, Progress, Waiting,
};
pub use page::{FieldError, Page};
pub use product::{Dimensions, Product};
pub use promise::{
    KeptRow, NewPromise, OrderPromise, PromiseChoice, PromiseDestination, PromiseLine,
    PromisePrice, PromiseRecord, PromiseStore, PromiseView, PromisedDestination,
};
pub use scope::{StockPlace, StockScope};
pub use service::{Service, Zone};
pub use stock::{
    ExpectedRow, Incoming, IncomingStock, RowProblem, SafetyRule, ShortStock, StockAdjustment,
    StockBin, StockCount, StockFilter, StockImport, StockMovementView, StockOnly, StockRow,
};
pub use today::{FlowStep, NeedsYou, TodayView, UpcomingCutoff};
pub use tracking::{
    DelayReason, MessageKind, NewScan, ScanReport, TrackedAction, TrackedActionKind, TrackedDay,
    TrackedEvent, TrackedItem, TrackedMerchant, TrackedPackage, TrackedState, TrackedStep,
    TrackedSummary, TrackingSettings, TrackingStatus, TrackingView,
};
pub use transit::{LaneTimes, LeansOn, ObservedDays, ServiceTimes, TransitDays};
pub use work::{
    PackingSlip, Urgency, WorkFilter, WorkItem, WorkLine, WorkSettings, WorkStep, WorkTimes,
};
