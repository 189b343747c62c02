//! Clients that are made when they are first used.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, LazyLock};

/// A client. What makes one reads the list of AWS's partitions for its service, and most events use two of eight.
pub struct Lazy<C>(Arc<LazyLock<C, Box<dyn FnOnce() -> C + Send>>>);

impl<C> Lazy<C> {
    pub(crate) fn new(make: impl FnOnce() -> C + Send + 'static) -> Self {
        Self(Arc::new(LazyLock::new(Box::new(make))))
    }
}

impl<C: Send + 'static> From<C> for Lazy<C> {
    fn from(client: C) -> Self {
        Self::new(|| client)
    }
}

impl<C> Deref for Lazy<C> {
    type Target = C;

    fn deref(&self) -> &C {
        &self.0
    }
}

impl<C> Clone for Lazy<C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<C> fmt::Debug for Lazy<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::any::type_name::<Self>())
    }
}

#[cfg(test)]
mod tests {
    use super::Lazy;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn is_made_once_for_all_clones_and_not_before() {
        let (made, count) =
            (Arc::new(AtomicUsize::new(0)), |made: &AtomicUsize| made.load(Ordering::Relaxed));
        let inside = Arc::clone(&made);
        let lazy = Lazy::new(move || inside.fetch_add(1, Ordering::Relaxed));
        let other = lazy.clone();
        assert_eq!(count(&made), 0);
        assert_eq!((*lazy, *other, *lazy), (0, 0, 0));
        assert_eq!(count(&made), 1);
    }
}
