//! Runs on a bounded number of threads, with a bounded number waiting, equal runs shared.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use frugal_jobs::Key;
use tokio::sync::{Semaphore, watch};

use crate::{ApiError, Cancel};

/// Work that blocks a thread.
pub(crate) type Work<T> = Box<dyn FnOnce(&Cancel) -> Result<T, ApiError> + Send>;

/// Runs [`Work`] by key: callers with an equal key at the same time share one run. When the last of
/// them goes away, the run is cancelled.
pub(crate) struct Pool<T> {
    running: Arc<Semaphore>,
    places: Arc<Semaphore>,
    places_max: usize,
    flights: Arc<Flights<T>>,
}

type Flights<T> = Mutex<HashMap<Key, Weak<Flight<T>>>>;
type Landing<T> = Option<Result<Arc<T>, ApiError>>;

/// A run under way; dropped with its last caller.
struct Flight<T> {
    landing: watch::Receiver<Landing<T>>,
    cancel: Cancel,
}

impl<T> Drop for Flight<T> {
    fn drop(&mut self) {
        self.cancel.set();
    }
}

/// A result, and whether another caller's run gave it.
pub(crate) struct Landed<T> {
    pub(crate) value: Arc<T>,
    pub(crate) shared: bool,
}

impl<T: Send + Sync + 'static> Pool<T> {
    /// A pool of `jobs` threads where `waiting_max` runs may wait.
    pub(crate) fn new(jobs: usize, waiting_max: usize) -> Self {
        let places_max = jobs + waiting_max;
        Self {
            running: Arc::new(Semaphore::new(jobs)),
            places: Arc::new(Semaphore::new(places_max)),
            places_max,
            flights: Arc::default(),
        }
    }

    /// Runs that are under way or wait.
    pub(crate) fn taken(&self) -> usize {
        self.places_max - self.places.available_permits()
    }

    /// The result of `work`, or of an equal run under way.
    ///
    /// # Errors
    /// 429 when no place is free; what `work` returns; 500 when it panicked.
    pub(crate) async fn run(&self, key: Key, work: Work<T>) -> Result<Landed<T>, ApiError> {
        let (flight, shared) = self.board(key, work)?;
        let mut landing = flight.landing.clone();
        let landed = landing.wait_for(Option::is_some).await.map(|landing| landing.clone());
        match landed {
            Ok(Some(result)) => Ok(Landed { value: result?, shared }),
            _ => Err(ApiError::internal(&"a run ended without a result")),
        }
    }

    /// Joins the flight of this key or starts one.
    fn board(&self, key: Key, work: Work<T>) -> Result<(Arc<Flight<T>>, bool), ApiError> {
        let mut flights = locked(&self.flights);
        if let Some(flight) = flights.get(&key).and_then(Weak::upgrade) {
            return Ok((flight, true));
        }
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            let message = format!("all {} places for runs are taken", self.places_max);
            return Err(ApiError::queue_full(message, 2));
        };
        let cancel = Cancel::default();
        let (sender, landing) = watch::channel(None);
        let flight = Arc::new(Flight { landing, cancel: cancel.clone() });
        let entry = Arc::downgrade(&flight);
        flights.insert(key, Weak::clone(&entry));
        let (running, all) = (Arc::clone(&self.running), Arc::clone(&self.flights));
        tokio::spawn(async move {
            let result = fly(&running, cancel, work).await;
            // A later flight of the same key may stand there by now.
            let mut flights = locked(&all);
            if flights.get(&key).is_some_and(|now| now.ptr_eq(&entry)) {
                flights.remove(&key);
            }
            drop(flights);
            drop(place);
            sender.send_replace(Some(result.map(Arc::new)));
        });
        Ok((flight, false))
    }
}

async fn fly<T: Send + 'static>(running: &Semaphore, cancel: Cancel, work: Work<T>) -> Result<T, ApiError> {
    let permit = tokio::select! {
        permit = running.acquire() => permit,
        () = cancel.wait() => return Err(ApiError::cancelled()),
    };
    let _permit = permit.map_err(|closed| ApiError::internal(&closed))?;
    let joined = tokio::task::spawn_blocking(move || work(&cancel)).await;
    joined.unwrap_or_else(|panic| Err(ApiError::internal(&panic)))
}

fn locked<T>(flights: &Flights<T>) -> MutexGuard<'_, HashMap<Key, Weak<Flight<T>>>> {
    flights.lock().unwrap_or_else(PoisonError::into_inner)
}
