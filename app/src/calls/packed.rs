use leptos::prelude::Resource;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::AppError;

/// An answer that is only read where it is shown. A screen's data is asked for by the part of the program that every
/// visitor loads; how the data looks inside is then known only to the part that shows it, which is loaded with the
/// screen.
///
/// It does not say what it holds, for then each kind would bring its own copy of everything that passes it on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Packed(String);

impl Packed {
    /// Packs an answer.
    #[cfg(feature = "ssr")]
    pub fn new(value: &impl Serialize) -> Result<Self, AppError> {
        let json = serde_json::to_string(value).map_err(|e| AppError::Failed(e.to_string()))?;
        Ok(Packed(json))
    }

    /// What was packed.
    pub fn open<T: DeserializeOwned>(&self) -> Result<T, AppError> {
        serde_json::from_str(&self.0).map_err(|e| AppError::Failed(e.to_string()))
    }
}

/// What a screen has asked for, on its way.
pub type Answer = Resource<Result<Packed, AppError>>;

/// The answer itself, once it is there.
pub async fn opened<T: DeserializeOwned>(answer: Answer) -> Result<T, AppError> {
    answer.await?.open()
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_out_the_same() {
        let packed = Packed::new(&vec![1, 2, 3]).unwrap();
        let sent = serde_json::to_string(&packed).unwrap();
        let read: Packed = serde_json::from_str(&sent).unwrap();
        assert_eq!(read.open::<Vec<i32>>(), Ok(vec![1, 2, 3]));
        assert!(Packed("no".to_owned()).open::<Vec<i32>>().is_err());
    }
}
