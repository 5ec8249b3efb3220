#![allow(clippy::unwrap_used)]

use std::fs;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use crate::{Key, KeyBuilder, Progress, Queue, Store, StoreError, StoreOptions, Submission, TaskState};

fn key(name: &str) -> Key {
    KeyBuilder::new("test").part(name.as_bytes()).finish()
}

fn submission(name: &str) -> Submission<'_> {
    Submission { id: key(name), kind: "test", name, request: name.as_bytes() }
}

fn open(folder: &TempDir, options: StoreOptions) -> Store {
    Store::open(folder.path(), options).unwrap()
}

fn fresh() -> (TempDir, Store) {
    let folder = TempDir::new().unwrap();
    let store = open(&folder, StoreOptions::default());
    (folder, store)
}

#[test]
fn keys_tell_boundaries_apart_and_survive_text() {
    let key_of = |parts: &[&str]| parts.iter().fold(KeyBuilder::new("p"), |k, p| k.part(p.as_bytes())).finish();
    assert_ne!(key_of(&["ab", "c"]), key_of(&["a", "bc"]));
    assert_ne!(key_of(&["ab"]), key_of(&["ab", ""]));
    let key = key_of(&["x"]);
    assert_eq!(key.to_string().parse::<Key>().unwrap(), key);
    for bad in ["", "00", &"G".repeat(64), &"A".repeat(64), &"é".repeat(32)] {
        assert!(bad.parse::<Key>().is_err(), "{bad}");
    }
}

#[test]
fn a_task_goes_from_queued_to_finished_with_its_result() {
    let (_folder, store) = fresh();
    assert!(store.lease().unwrap().is_none());
    assert!(store.submit(&submission("a")).unwrap().added);
    store.submit(&submission("b")).unwrap();
    let lease = store.lease().unwrap().unwrap();
    assert_eq!((lease.id, lease.request.as_slice(), lease.attempts), (key("a"), &b"a"[..], 1), "oldest first");
    store.heartbeat(&lease, Progress { steps_done: 1, steps_total: 3 }).unwrap();
    assert_eq!(store.task(&key("a")).unwrap().progress.steps_done, 1);
    store.complete(&lease, b"report").unwrap();
    let task = store.task(&key("a")).unwrap();
    assert_eq!((task.state, task.progress.steps_done), (TaskState::Finished, 3));
    assert_eq!(store.result(&key("a")).unwrap().unwrap(), b"report");
    assert!(matches!(store.complete(&lease, b"again"), Err(StoreError::LeaseLost { .. })));
    assert!(!store.submit(&submission("a")).unwrap().added, "a finished task is found, not run again");
    assert_eq!(store.tasks(10).unwrap().iter().map(|t| t.name.as_str()).collect::<Vec<_>>(), ["b", "a"]);
    store.delete(&key("a")).unwrap();
    assert!(store.result(&key("a")).unwrap().is_none());
}

#[test]
fn a_hundred_equal_submissions_at_once_are_one_task() {
    let (_folder, store) = fresh();
    let store = Arc::new(store);
    let threads: Vec<_> = (0..100)
        .map(|_| {
            let store = Arc::clone(&store);
            thread::spawn(move || store.submit(&submission("same")).unwrap().added)
        })
        .collect();
    let added = threads.into_iter().map(|t| t.join().unwrap()).filter(|added| *added).count();
    assert_eq!(added, 1);
    assert!(store.lease().unwrap().is_some());
    assert!(store.lease().unwrap().is_none());
}

#[test]
fn a_full_queue_says_so_and_known_work_still_finds_itself() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder, StoreOptions { capacity: 2, ..StoreOptions::default() });
    store.submit(&submission("a")).unwrap();
    store.submit(&submission("b")).unwrap();
    let error = store.submit(&submission("c")).unwrap_err();
    assert!(matches!(error, StoreError::QueueFull { waiting: 2, capacity: 2 }), "{error}");
    assert!(!store.submit(&submission("a")).unwrap().added);
    store.lease().unwrap().unwrap();
    assert!(store.submit(&submission("c")).unwrap().added, "running work takes no place");
}

#[test]
fn cancelling_takes_the_lease_away() {
    let (_folder, store) = fresh();
    store.submit(&submission("a")).unwrap();
    let lease = store.lease().unwrap().unwrap();
    assert_eq!(store.cancel(&key("a")).unwrap().state, TaskState::Cancelled);
    assert!(matches!(store.heartbeat(&lease, Progress::default()), Err(StoreError::LeaseLost { .. })));
    assert!(matches!(store.complete(&lease, b"late"), Err(StoreError::LeaseLost { .. })));
    assert!(store.result(&key("a")).unwrap().is_none(), "a late result is not stored");
    assert!(matches!(store.cancel(&key("?")), Err(StoreError::UnknownTask { .. })));
    assert!(store.submit(&submission("a")).unwrap().added, "a cancelled task can be asked for again");
}

#[test]
fn facts_outlive_a_cancelled_task_but_not_a_deleted_one() {
    let (_folder, store) = fresh();
    store.submit(&submission("a")).unwrap();
    let lease = store.lease().unwrap().unwrap();
    let progress = Progress { steps_done: 2, steps_total: 9 };
    store.record(&lease, &["one".to_owned(), "two".to_owned()], progress).unwrap();
    assert_eq!(store.task(&key("a")).unwrap().progress, progress);
    store.cancel(&key("a")).unwrap();
    let late = store.record(&lease, &["late".to_owned()], progress);
    assert!(matches!(late, Err(StoreError::LeaseLost { .. })));
    store.submit(&submission("a")).unwrap();
    assert_eq!(store.facts(&key("a")).unwrap(), ["one", "two"]);
    assert!(store.facts(&key("b")).unwrap().is_empty());
    store.cancel(&key("a")).unwrap();
    store.delete(&key("a")).unwrap();
    assert!(store.facts(&key("a")).unwrap().is_empty());
}

#[test]
fn a_task_that_loses_every_worker_is_set_aside() {
    let folder = TempDir::new().unwrap();
    let options = StoreOptions { attempts_max: 2, lease: Duration::ZERO, ..StoreOptions::default() };
    let store = open(&folder, options);
    store.submit(&submission("poison")).unwrap();
    for attempt in 1..=2 {
        assert_eq!(store.lease().unwrap().unwrap().attempts, attempt);
        thread::sleep(Duration::from_millis(3));
    }
    assert!(store.lease().unwrap().is_none());
    let task = store.task(&key("poison")).unwrap();
    assert_eq!(task.state, TaskState::Failed);
    assert!(task.message.unwrap().contains("lost 2 times"));
}

#[test]
fn work_handed_back_does_not_count_as_an_attempt() {
    let (_folder, store) = fresh();
    store.submit(&submission("a")).unwrap();
    for _ in 0..5 {
        let lease = store.lease().unwrap().unwrap();
        assert_eq!(lease.attempts, 1);
        store.release(&lease).unwrap();
    }
}

#[test]
fn differing_results_for_one_key_are_a_fault() {
    let (_folder, store) = fresh();
    let (a, b) = (key("a"), key("b"));
    store.put_results([(&a, &b"1"[..])]).unwrap();
    store.put_results([(&a, &b"1"[..])]).unwrap();
    let error = store.put_results([(&b, &b"x"[..]), (&a, &b"2"[..])]).unwrap_err();
    assert!(matches!(error, StoreError::Conflict { key } if key == a));
    assert!(store.result(&b).unwrap().is_none(), "all or none");
    assert_eq!(store.result(&a).unwrap().unwrap(), b"1");
    assert_eq!(store.results_count().unwrap(), 1);
}

#[test]
fn one_process_at_a_time() {
    let (folder, store) = fresh();
    assert!(matches!(Store::open(folder.path(), StoreOptions::default()), Err(StoreError::InUse { .. })));
    drop(store);
    open(&folder, StoreOptions::default());
}

#[test]
fn faults_of_the_disk_are_told_apart() {
    let (folder, store) = fresh();
    store.put_results([(&key("a"), &b"kept"[..])]).unwrap();
    let pages: i64 = store.connection().pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    store.connection().pragma_update(None, "max_page_count", pages).unwrap();
    let error = store.put_results([(&key("b"), &[7; 100_000][..])]).unwrap_err();
    assert!(matches!(error, StoreError::DiskFull { .. }), "{error}");
    assert_eq!(store.result(&key("a")).unwrap().unwrap(), b"kept");
    store.connection().pragma_update(None, "query_only", true).unwrap();
    assert!(matches!(store.submit(&submission("a")), Err(StoreError::ReadOnly { .. })));
    drop(store);

    let file = folder.path().join("not-a-folder");
    fs::write(&file, b"").unwrap();
    assert!(matches!(Store::open(&file, StoreOptions::default()), Err(StoreError::CannotOpen { .. })));
    assert!(matches!(Store::open(&file.join("x"), StoreOptions::default()), Err(StoreError::CannotOpen { .. })));
}

#[test]
fn damage_is_noticed() {
    let (folder, store) = fresh();
    store.put_results([(&key("a"), &[b'a'; 20_000][..])]).unwrap();
    drop(store);
    let path = folder.path().join("frugal.sqlite3");
    let sound = fs::read(&path).unwrap();

    let mut bytes = sound.clone();
    let body = bytes.windows(64).rposition(|window| window == [b'a'; 64]).unwrap();
    bytes[body] = b'b';
    fs::write(&path, &bytes).unwrap();
    let store = open(&folder, StoreOptions::default());
    let error = store.result(&key("a")).unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "one changed byte: {error}");
    drop(store);

    for damaged in [b"this is no database, it is a text of some length".repeat(100), sound[..sound.len() / 2].to_vec()]
    {
        fs::write(&path, damaged).unwrap();
        let error = match Store::open(folder.path(), StoreOptions::default()) {
            Err(error) => error,
            Ok(store) => store.result(&key("a")).unwrap_err(),
        };
        assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
    }
}

#[test]
fn schemas_of_the_future_are_refused() {
    let (folder, store) = fresh();
    store.connection().pragma_update(None, "user_version", 99).unwrap();
    drop(store);
    let error = Store::open(folder.path(), StoreOptions::default()).unwrap_err();
    assert!(matches!(error, StoreError::NewerSchema { found: 99, known: 1 }), "{error}");
}
