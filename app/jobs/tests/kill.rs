//! A process killed at any moment loses no finished result and repeats only unfinished work.
#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use frugal_jobs::{Key, KeyBuilder, Progress, Queue, Store, StoreOptions, Submission, TaskState};

const TASKS: u32 = 4;
const STEPS: u32 = 50;
const CHILD: &str = "FRUGAL_TEST_STORE";

fn options() -> StoreOptions {
    StoreOptions { attempts_max: 1_000, ..StoreOptions::default() }
}

fn task_key(task: u32) -> Key {
    KeyBuilder::new("task").part(&task.to_le_bytes()).finish()
}

fn step_key(task: &Key, step: u32) -> Key {
    KeyBuilder::new("step").part(task.as_bytes()).part(&step.to_le_bytes()).finish()
}

/// Works through the queue. Says `ran` before a step runs and `kept` once its result is stored.
fn work(folder: &Path) {
    let store = Store::open(folder, options()).unwrap();
    let mut out = std::io::stdout().lock();
    while let Some(lease) = store.lease().unwrap() {
        for step in 0..STEPS {
            let key = step_key(&lease.id, step);
            if store.result(&key).unwrap().is_none() {
                writeln!(out, "ran {key}").unwrap();
                store.put_results([(&key, &key.as_bytes()[..])]).unwrap();
                writeln!(out, "kept {key}").unwrap();
            }
            store.heartbeat(&lease, Progress { steps_done: step + 1, steps_total: STEPS }).unwrap();
        }
        store.complete(&lease, b"done").unwrap();
    }
    writeln!(out, "end").unwrap();
}

#[test]
fn killed_again_and_again() {
    if let Ok(folder) = std::env::var(CHILD) {
        return work(Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), options()).unwrap();
    for task in 0..TASKS {
        let id = task_key(task);
        store.submit(&Submission { id, kind: "test", name: "t", request: b"" }).unwrap();
    }
    drop(store);

    let (mut kept, mut ran, mut kills) = (HashSet::new(), 0_u32, 0_u32);
    loop {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["killed_again_and_again", "--exact", "--nocapture"])
            .env(CHILD, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // A different number of lines each time, so that the kill falls into every place.
        let mut lines_left = 7 + kills * 5 % 37;
        let mut ended = false;
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            // The harness's own `test killed...` shares a line with the child's first.
            if let Some((_, key)) = line.split_once("ran ") {
                assert!(!kept.contains(key), "a stored step ran again");
                ran += 1;
            } else if let Some((_, key)) = line.split_once("kept ") {
                assert!(kept.insert(key.to_owned()));
            }
            ended |= line.ends_with("end");
            lines_left -= u32::from(lines_left > 0);
            if lines_left == 0 && !ended {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        if ended {
            break;
        }
        kills += 1;
        let store = Store::open(folder.path(), options()).unwrap();
        for key in &kept {
            assert!(store.result(&key.parse().unwrap()).unwrap().is_some(), "a stored result was lost");
        }
    }

    let store = Store::open(folder.path(), options()).unwrap();
    for task in 0..TASKS {
        assert_eq!(store.task(&task_key(task)).unwrap().state, TaskState::Finished);
        for step in 0..STEPS {
            let key = step_key(&task_key(task), step);
            assert_eq!(store.result(&key).unwrap().unwrap(), key.as_bytes());
        }
    }
    assert_eq!(store.results_count().unwrap(), u64::from(TASKS * (STEPS + 1)));
    assert!(kills >= 5, "only {kills} kills: the test tests little");
    let repeated = ran - TASKS * STEPS;
    assert!(repeated <= kills, "{repeated} steps repeated after {kills} kills: at most the one under way may be");
}
