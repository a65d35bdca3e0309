//! What kernels keep of pure work on constants.

use std::{
    any::Any,
    sync::{Arc, OnceLock},
};

use datafusion_common::{Result, ScalarValue};

/// What a kernel derived from the constant arguments of its place in a plan.
#[derive(Default)]
pub(crate) struct Memo(OnceLock<Prepared>);

/// A derived value and what it was derived from.
struct Prepared {
    constants: Vec<ScalarValue>,
    value: Arc<dyn Any + Send + Sync>,
}

impl Memo {
    /// Returns what `prepare` derives from `constants`, doing it once.
    ///
    /// A place in a plan sees the same constants in every batch; for others the work is done anew.
    ///
    /// # Errors
    ///
    /// Those of `prepare`.
    pub(super) fn get<T: Any + Send + Sync>(
        &self,
        constants: &[&ScalarValue],
        prepare: impl FnOnce() -> Result<T>,
    ) -> Result<Arc<T>> {
        if let Some(prepared) = self.0.get()
            && prepared.constants.iter().eq(constants.iter().copied())
            && let Ok(value) = Arc::clone(&prepared.value).downcast::<T>()
        {
            return Ok(value);
        }
        let value = Arc::new(prepare()?);
        let constants = constants.iter().map(|&constant| constant.clone()).collect();
        let kept: Arc<dyn Any + Send + Sync> = Arc::<T>::clone(&value);
        // Another thread may have been faster: then its value stays and this one serves once.
        drop(self.0.set(Prepared { constants, value: kept }));
        Ok(value)
    }
}
