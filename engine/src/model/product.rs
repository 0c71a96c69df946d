use serde::{Deserialize, Serialize};

/// Millimetres, outside, packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Dimensions {
    pub length: u32,
    pub width: u32,
    pub height: u32,
}

/// A thing that can be sold, under the merchant's own code for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// The merchant's code. In a `PUT` it comes from the path and may be left out of the body.
    #[serde(default)]
    pub sku: String,
    pub name: String,
    /// Grams, 0 to 1,000,000.
    pub weight_g: u32,
    #[serde(default)]
    pub dimensions_mm: Option<Dimensions>,
    /// Capabilities that a node must provide to handle it, such as `hazmat` or `cold`.
    #[serde(default)]
    pub requires: Vec<String>,
    /// What it is one of, for rules that hold for all of them.
    #[serde(default)]
    pub category: Option<String>,
    /// EAN or UPC.
    #[serde(default)]
    pub barcode: Option<String>,
    #[serde(default)]
    pub image_url: Option<String>,
}
