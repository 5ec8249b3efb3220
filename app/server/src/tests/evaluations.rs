//! Evaluations: queue, progress, cancelling, results.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use frugal_jobs::Progress;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::client::{Answer, get, post, send};
use super::harness::{Bench, Pretender, until};
use crate::evaluate::evaluator;
use crate::worker::Evaluate;

const PROBLEMS: &str = include_str!("problems.csv");
const SAMPLES: &str = "[[\"def twice(x):\\n    return x + x\\n\"]]";

/// A submission; other numbers make other samples.
pub(super) fn submission(name: &str, number: u32) -> String {
    let samples = SAMPLES.replace("x + x", &format!("x + x  # {number}"));
    json!({ "suite": "enamel", "problems": PROBLEMS, "samples": samples, "name": name }).to_string()
}

/// An evaluator of five steps, each begun when a permit is there; records one fact a step.
pub(super) struct Steps {
    pub(super) permits: Arc<AtomicU32>,
    pub(super) begun: Arc<AtomicU32>,
    pub(super) evaluate: Arc<Evaluate>,
}

pub(super) fn five_steps() -> Steps {
    let (permits, begun) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let (allowed, counted) = (Arc::clone(&permits), Arc::clone(&begun));
    let evaluate: Arc<Evaluate> = Arc::new(move |_, steps| {
        counted.fetch_add(1, Ordering::SeqCst);
        let known = u32::try_from(steps.facts().unwrap().len()).unwrap();
        for step in known..5 {
            while allowed.load(Ordering::SeqCst) <= step {
                if steps.cancelled() {
                    return Err("cancelled".into());
                }
                std::thread::sleep(Duration::from_millis(2));
            }
            let progress = Progress { steps_done: step + 1, steps_total: 5 };
            steps.record(&[format!("step {step}")], progress).unwrap();
        }
        Ok(br#"{"schema":"frugal.evaluation/1"}"#.to_vec())
    });
    Steps { permits, begun, evaluate }
}

async fn start(steps: &Steps) -> Bench {
    Bench::start_evaluating(Arc::new(TempDir::new().unwrap()), Arc::clone(&steps.evaluate), |_| {}).await
}

fn id(answer: &Answer) -> String {
    answer.json()["id"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
}

async fn state(bench: &Bench, id: &str) -> String {
    get(bench.address, &format!("/api/evaluations/{id}")).await.json()["state"].as_str().unwrap().to_owned()
}

async fn wait_for(bench: &Bench, id: &str, wanted: &str) {
    for _ in 0..1_000 {
        if state(bench, id).await == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{} never became {wanted}", state(bench, id).await);
}

/// Opens an event stream.
async fn watch(bench: &Bench, id: &str) -> TcpStream {
    let mut stream = TcpStream::connect(bench.address).await.unwrap();
    let request = format!("GET /api/evaluations/{id}/events HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

async fn read_until(stream: &mut TcpStream, text: &mut String, wanted: &str) {
    let mut chunk = [0; 4_096];
    while !text.contains(wanted) {
        let reading = tokio::time::timeout(Duration::from_secs(10), stream.read(&mut chunk));
        let count = reading.await.unwrap_or_else(|_| panic!("no {wanted} in {text}")).unwrap();
        assert_ne!(count, 0, "the stream ended without {wanted}: {text}");
        text.push_str(&String::from_utf8_lossy(&chunk[..count]));
    }
}

#[tokio::test]
async fn progress_is_told_as_it_happens_and_the_result_can_be_read() {
    let steps = five_steps();
    let bench = start(&steps).await;
    let submitted = post(bench.address, "/api/evaluations", &submission("a", 1)).await;
    assert_eq!(submitted.status, 202, "{submitted:?}");
    let id = id(&submitted);
    assert_eq!(submitted.header("location"), format!("/api/evaluations/{id}"));
    let unfinished = get(bench.address, &format!("/api/evaluations/{id}/result")).await;
    assert_eq!((unfinished.status, unfinished.code().as_str()), (409, "not_finished"));

    let (mut stream, mut text) = (watch(&bench, &id).await, String::new());
    read_until(&mut stream, &mut text, "event: progress").await;
    steps.permits.store(1, Ordering::SeqCst);
    read_until(&mut stream, &mut text, "\"steps_done\":1,\"steps_total\":5").await;
    steps.permits.store(5, Ordering::SeqCst);
    read_until(&mut stream, &mut text, "event: end").await;
    read_until(&mut stream, &mut text, "\"state\":\"finished\"").await;
    assert!(text.contains("content-type: text/event-stream"));

    let mut late = String::new();
    read_until(&mut watch(&bench, &id).await, &mut late, "event: end").await;
    let result = get(bench.address, &format!("/api/evaluations/{id}/result")).await;
    assert_eq!((result.status, result.json()["schema"].as_str()), (200, Some("frugal.evaluation/1")));
    let listed = get(bench.address, "/api/evaluations").await.json();
    assert_eq!(listed["evaluations"][0]["name"], "a");
    assert_eq!(listed["evaluations"][0]["steps_done"], 5);
    bench.stop().await;
}

#[tokio::test]
async fn equal_submissions_are_one_evaluation() {
    let steps = five_steps();
    steps.permits.store(5, Ordering::SeqCst);
    let bench = start(&steps).await;
    let body = submission("a", 1);
    let answers = futures::future::join_all((0..100).map(|_| post(bench.address, "/api/evaluations", &body))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 202).count(), 1);
    assert!(answers.iter().all(|answer| id(answer) == id(&answers[0])));
    wait_for(&bench, &id(&answers[0]), "finished").await;
    assert_eq!(post(bench.address, "/api/evaluations", &body).await.status, 200);
    let other = post(bench.address, "/api/evaluations", &submission("a", 2)).await;
    assert_ne!(id(&other), id(&answers[0]), "other samples, another evaluation");
    wait_for(&bench, &id(&other), "finished").await;
    assert_eq!(steps.begun.load(Ordering::SeqCst), 2);
    bench.stop().await;
}

#[tokio::test]
async fn cancelling_keeps_what_was_learnt() {
    let steps = five_steps();
    steps.permits.store(3, Ordering::SeqCst);
    let bench = start(&steps).await;
    let body = submission("a", 1);
    let id = id(&post(bench.address, "/api/evaluations", &body).await);
    let path = format!("/api/evaluations/{id}");
    let (mut stream, mut text) = (watch(&bench, &id).await, String::new());
    read_until(&mut stream, &mut text, "\"steps_done\":").await;
    assert_eq!(send(bench.address, "DELETE", &path, &[], "").await.code(), "wrong_state", "not while it runs");
    until("the evaluation is under way", || steps.begun.load(Ordering::SeqCst) == 1).await;
    for _ in 0..200 {
        if get(bench.address, &path).await.json()["steps_done"] == json!(3) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let cancelled = post(bench.address, &format!("{path}/cancel"), "{}").await;
    assert_eq!(cancelled.json()["state"], "cancelled");
    read_until(&mut stream, &mut text, "event: end").await;
    assert_eq!(get(bench.address, &format!("{path}/result")).await.code(), "not_finished");

    steps.permits.store(5, Ordering::SeqCst);
    assert_eq!(post(bench.address, "/api/evaluations", &body).await.status, 202, "it can be asked for again");
    wait_for(&bench, &id, "finished").await;
    let ended = post(bench.address, &format!("{path}/cancel"), "{}").await;
    assert_eq!((ended.status, ended.code().as_str()), (409, "wrong_state"));
    assert_eq!(send(bench.address, "DELETE", &path, &[], "").await.status, 204);
    assert_eq!(get(bench.address, &path).await.status, 404);
    bench.stop().await;
}

#[tokio::test]
async fn full_queues_and_too_many_watchers_are_refused() {
    let steps = five_steps();
    let bench = Bench::start_evaluating(Arc::new(TempDir::new().unwrap()), Arc::clone(&steps.evaluate), |config| {
        config.evaluations_waiting_max = 1;
        config.streams_max = 1;
    })
    .await;
    let running = id(&post(bench.address, "/api/evaluations", &submission("a", 1)).await);
    wait_for(&bench, &running, "running").await;
    assert_eq!(post(bench.address, "/api/evaluations", &submission("b", 2)).await.status, 202);
    let refused = post(bench.address, "/api/evaluations", &submission("c", 3)).await;
    assert_eq!((refused.status, refused.code().as_str()), (429, "queue_full"));
    assert!(!refused.header("retry-after").is_empty());

    let (mut stream, mut text) = (watch(&bench, &running).await, String::new());
    read_until(&mut stream, &mut text, "event: progress").await;
    let events = format!("/api/evaluations/{running}/events");
    assert_eq!(get(bench.address, &events).await.status, 429);
    drop(stream);
    for attempt in 0.. {
        let mut again = watch(&bench, &running).await;
        let mut first = [0; 12];
        again.read_exact(&mut first).await.unwrap();
        if first.ends_with(b"200") {
            break;
        }
        assert!(attempt < 200, "a watcher's place is never freed");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    bench.stop().await;
}

#[tokio::test]
async fn failures_of_the_machinery_are_a_state_and_are_tried_again() {
    // The pretender answers a guest's job with nothing that a guest would say.
    let evaluate = evaluator(Arc::new(Pretender::default()), 2);
    let bench = Bench::start_evaluating(Arc::new(TempDir::new().unwrap()), evaluate, |_| {}).await;
    let body = submission("a", 1);
    let submitted = post(bench.address, "/api/evaluations", &body).await;
    let path = format!("/api/evaluations/{}", id(&submitted));
    wait_for(&bench, &id(&submitted), "failed").await;
    let message = get(bench.address, &path).await.json()["message"].as_str().unwrap().to_owned();
    assert!(message.contains("infrastructure failure"), "{message}");
    let report = get(bench.address, &format!("{path}/result")).await.json();
    assert!(report["coverage"]["infrastructure_failures"].as_u64().unwrap() > 0, "{report}");
    assert_eq!(report["metrics"], json!({}), "no metric, and so no zero");
    assert_eq!(post(bench.address, "/api/evaluations", &body).await.status, 202, "asked for again, it is tried again");
    bench.stop().await;
}

#[tokio::test]
async fn shipped_problem_sets_are_listed_and_named() {
    let steps = five_steps();
    steps.permits.store(5, Ordering::SeqCst);
    let folder = Arc::new(TempDir::new().unwrap());
    let sets = folder.path().join("problems");
    std::fs::create_dir_all(sets.join("demo")).unwrap();
    for file in ["alone.csv", "demo/problems.csv"] {
        std::fs::write(sets.join(file), PROBLEMS).unwrap();
    }
    let bench = Bench::start_evaluating(folder, Arc::clone(&steps.evaluate), |config| {
        config.problems_folder = Some(sets);
    })
    .await;
    let listed = get(bench.address, "/api/problems").await.json();
    let names: Vec<_> = listed["sets"].as_array().unwrap().iter().map(|set| set["name"].clone()).collect();
    assert_eq!(names, ["alone", "demo"]);
    let body = json!({"suite": "enamel", "samples": SAMPLES, "problem_set": "demo"}).to_string();
    assert_eq!(post(bench.address, "/api/evaluations", &body).await.status, 202);
    bench.stop().await;
}

#[tokio::test]
async fn submissions_that_cannot_be_evaluated_say_why() {
    let bench = start(&five_steps()).await;
    let refused = |body: Value| async move { post(bench.address, "/api/evaluations", &body.to_string()).await };
    let nothing = refused(json!({"suite": "enamel", "samples": SAMPLES})).await;
    assert_eq!((nothing.status, nothing.place().as_str()), (422, "problems"));
    let unknown = refused(json!({"suite": "enamel", "samples": SAMPLES, "problem_set": "../x"})).await;
    assert_eq!((unknown.status, unknown.place().as_str()), (422, "problem_set"));
    assert_eq!(refused(json!({"suite": "coffe", "samples": SAMPLES, "problems": PROBLEMS})).await.status, 422);
    let unread = refused(json!({"suite": "enamel", "samples": "[[", "problems": PROBLEMS})).await;
    assert_eq!(unread.status, 422, "{unread:?}");
    for path in ["/api/evaluations/x", "/api/evaluations/x/events", &format!("/api/evaluations/{}", "0".repeat(64))] {
        assert_eq!(get(bench.address, path).await.status, 404, "{path}");
    }
}
