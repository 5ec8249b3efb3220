//! Stopping and starting again.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::client::{get, post};
use super::evaluations::{five_steps, submission};
use super::harness::{Bench, run_of, until};

#[tokio::test]
async fn requests_under_way_finish_before_the_server_stops() {
    let bench = Bench::start().await;
    let address = bench.address;
    let running = tokio::spawn(async move { post(address, "/api/run", &run_of("slow")).await });
    until("the run begins", || bench.runner.begun.load(Ordering::SeqCst) == 1).await;
    bench.stop().await;
    assert_eq!(running.await.unwrap().status, 200);
    assert!(tokio::net::TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn an_evaluation_goes_on_after_a_restart() {
    let steps = five_steps();
    steps.permits.store(2, Ordering::SeqCst);
    let bench =
        Bench::start_evaluating(Arc::new(tempfile::TempDir::new().unwrap()), Arc::clone(&steps.evaluate), |_| {}).await;
    let folder = Arc::clone(&bench.folder);
    let submitted = post(bench.address, "/api/evaluations", &submission("a", 1)).await.json();
    let path = format!("/api/evaluations/{}", submitted["id"].as_str().unwrap());
    for _ in 0..500 {
        if get(bench.address, &path).await.json()["steps_done"] == serde_json::json!(2) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    bench.stop().await;

    steps.permits.store(5, Ordering::SeqCst);
    let bench = Bench::start_evaluating(folder, Arc::clone(&steps.evaluate), |_| {}).await;
    for _ in 0..500 {
        if get(bench.address, &path).await.json()["state"] == "finished" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    assert_eq!(get(bench.address, &path).await.json()["state"], "finished");
    assert_eq!(steps.begun.load(Ordering::SeqCst), 2, "begun once before and once after");
    bench.stop().await;
}
