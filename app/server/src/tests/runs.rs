//! `POST /api/run`.

use std::sync::atomic::Ordering;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::client::{get, post};
use super::harness::{Bench, LARGE_FUEL, run_of, until};

#[tokio::test]
async fn a_run_answers_with_its_report_and_is_not_measured_twice() {
    let bench = Bench::start().await;
    let first = post(bench.address, "/api/run", &run_of("f")).await;
    assert_eq!((first.status, first.header("frugal-cache")), (200, "miss"), "{first:?}");
    let report = first.json();
    assert_eq!(report["schema"], "frugal.run/1");
    assert_eq!(report["net_fuel"], LARGE_FUEL.to_string(), "a decimal string, to the unit");
    assert!(report["wall_ms"].is_number());
    let again = post(bench.address, "/api/run", &run_of("f")).await;
    assert_eq!((again.status, again.header("frugal-cache")), (200, "hit"));
    assert_eq!(again.json()["provenance"], report["provenance"]);
    assert_eq!(bench.runner.begun.load(Ordering::SeqCst), 1);
    assert_ne!(first.header("x-request-id"), again.header("x-request-id"));
}

#[tokio::test]
async fn what_a_clock_decided_is_measured_again() {
    let bench = Bench::start().await;
    for measured in 1..=2 {
        let answer = post(bench.address, "/api/run", &run_of("late")).await;
        assert_eq!(answer.json()["outcome"], "past_deadline");
        assert_eq!(bench.runner.begun.load(Ordering::SeqCst), measured);
    }
}

#[tokio::test]
async fn a_hundred_equal_requests_at_once_run_once() {
    let bench = Bench::start().await;
    let body = run_of("slow");
    let answers = futures::future::join_all((0..100).map(|_| post(bench.address, "/api/run", &body))).await;
    for answer in &answers {
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.json()["net_fuel"], LARGE_FUEL.to_string());
    }
    assert_eq!(bench.runner.begun.load(Ordering::SeqCst), 1);
    assert_eq!(answers.iter().filter(|answer| answer.header("frugal-cache") == "miss").count(), 1);
}

#[tokio::test]
async fn a_client_that_goes_away_cancels_its_run() {
    let bench = Bench::start().await;
    let body = run_of("spin");
    let request = format!(
        "POST /api/run HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut streams = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(bench.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        streams.push(stream);
    }
    until("the run begins", || bench.runner.begun.load(Ordering::SeqCst) == 1).await;
    streams.pop();
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    assert_eq!(bench.runner.cancelled.load(Ordering::SeqCst), 0, "the other still waits for it");
    streams.pop();
    until("the run is cancelled", || bench.runner.cancelled.load(Ordering::SeqCst) == 1).await;
}

#[tokio::test]
async fn a_full_house_says_when_to_come_back() {
    let bench = Bench::start_with(|config| (config.jobs, config.runs_waiting_max) = (1, 1)).await;
    let occupied = [
        "{\"language\":\"wat\",\"source\":\"(module)\",\"entry\":\"spin\"}",
        "{\"language\":\"wat\",\"source\":\"(module) \",\"entry\":\"spin\"}",
    ];
    let mut holders = Vec::new();
    for body in occupied {
        holders.push(tokio::spawn(async move { post(bench.address, "/api/run", body).await }));
    }
    until("both places are taken", || bench.runner.begun.load(Ordering::SeqCst) == 1).await;
    let mut answer = post(bench.address, "/api/run", &run_of("f")).await;
    for _ in 0..100 {
        if answer.status != 200 {
            break;
        }
        answer = post(bench.address, "/api/run", &run_of("g")).await;
    }
    assert_eq!((answer.status, answer.code().as_str()), (429, "queue_full"), "{answer:?}");
    assert!(answer.header("retry-after").parse::<u32>().unwrap() > 0);
    assert_eq!(get(bench.address, "/api/health").await.json()["runs_taken"], 2);
    for holder in holders {
        holder.abort();
    }
    until("the places are free", || bench.runner.cancelled.load(Ordering::SeqCst) >= 1).await;
}

#[tokio::test]
async fn a_runner_that_panics_fails_one_request() {
    let bench = Bench::start().await;
    let answer = post(bench.address, "/api/run", &run_of("panic")).await;
    assert_eq!((answer.status, answer.code().as_str()), (500, "internal"));
    assert_eq!(post(bench.address, "/api/run", &run_of("f")).await.status, 200);
    assert_eq!(get(bench.address, "/api/health").await.json()["runs_taken"], 0);
}

#[tokio::test]
async fn the_server_describes_itself() {
    let bench = Bench::start().await;
    let health = get(bench.address, "/api/health").await;
    assert_eq!((health.json()["status"].as_str(), health.json()["cost_table"].as_str()), (Some("ok"), Some("fuel-1")));
    assert_eq!(health.header("cache-control"), "no-store");
    assert!(health.header("content-security-policy").contains("frame-ancestors 'none'"));
    let guests = get(bench.address, "/api/guests").await.json();
    assert_eq!(guests["guests"][0]["language"], "python");
    assert_eq!(get(bench.address, "/api/problems").await.json()["sets"], serde_json::json!([]));
    let document = get(bench.address, "/api/openapi.json").await.json();
    for path in ["/api/run", "/api/evaluations", "/api/evaluations/{id}/events", "/api/problems", "/api/health"] {
        assert!(document["paths"][path].is_object(), "{path}");
    }
    assert_eq!(document["components"]["schemas"]["FuelUnits"]["type"], "string");
    assert_eq!(get(bench.address, "/api/nothing").await.code(), "not_found");
    assert_eq!(get(bench.address, "/api/run").await.code(), "method_not_allowed");
}

#[tokio::test]
async fn the_description_leaves_nothing_open() {
    let bench = Bench::start().await;
    let document = get(bench.address, "/api/openapi.json").await.json();
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(document["components"]["schemas"][name].is_object(), "{name} is not described");
    }
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let answers = operation["responses"].as_object().unwrap();
            let mut wanted = vec!["403", "429", "500", "503"];
            if operation.get("requestBody").is_some() {
                wanted.extend(["400", "408", "413", "415", "422"]);
            }
            for status in wanted {
                assert!(answers.contains_key(status), "{method} {path} does not describe {status}");
            }
            let silent = answers.iter().find(|(_, answer)| answer["description"].as_str().is_none_or(str::is_empty));
            assert!(silent.is_none(), "{method} {path}: {silent:?} says nothing");
        }
    }
}
