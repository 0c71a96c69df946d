use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::AppError;

/// An answer that is only read where it is shown. A screen's data is asked for by the part of the program that every
/// visitor loads; how the data looks inside is then known only to the part that shows it, which is loaded with the
/// screen.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Packed<T> {
    json: String,
    #[serde(skip)]
    holds: PhantomData<fn() -> T>,
}

impl<T> Clone for Packed<T> {
    fn clone(&self) -> Self {
        Packed {
            json: self.json.clone(),
            holds: PhantomData,
        }
    }
}

impl<T> PartialEq for Packed<T> {
    fn eq(&self, other: &Self) -> bool {
        self.json == other.json
    }
}

impl<T: Serialize> Packed<T> {
    /// Packs an answer.
    #[cfg(feature = "ssr")]
    pub fn new(value: &T) -> Result<Self, AppError> {
        let json = serde_json::to_string(value).map_err(|e| AppError::Failed(e.to_string()))?;
        Ok(Packed {
            json,
            holds: PhantomData,
        })
    }
}

impl<T: DeserializeOwned> Packed<T> {
    /// What was packed.
    pub fn open(&self) -> Result<T, AppError> {
        serde_json::from_str(&self.json).map_err(|e| AppError::Failed(e.to_string()))
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_out_the_same() {
        let packed = Packed::new(&vec![1, 2, 3]).unwrap();
        let sent = serde_json::to_string(&packed).unwrap();
        let read: Packed<Vec<i32>> = serde_json::from_str(&sent).unwrap();
        assert_eq!(read.open(), Ok(vec![1, 2, 3]));
        assert!(
            serde_json::from_str::<Packed<Vec<i32>>>("\"no\"")
                .unwrap()
                .open()
                .is_err()
        );
    }
}
