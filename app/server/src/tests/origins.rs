//! Which pages may talk to the server (bad input 49).

use super::client::{raw, send};
use super::harness::{Bench, run_of};

const JSON: &str = "content-type: application/json";

#[tokio::test]
async fn foreign_pages_cannot_post() {
    let bench = Bench::start().await;
    let own = format!("origin: http://{}", bench.address);
    for (origin, status) in [
        ("origin: https://evil.example", 403),
        ("origin: null", 403),
        ("origin: http://localhost:9", 403),
        ("origin: http://127.0.0.1.evil.example", 403),
        (own.as_str(), 200),
    ] {
        let answer = send(bench.address, "POST", "/api/run", &[JSON, origin], &run_of("f")).await;
        assert_eq!(answer.status, status, "{origin}: {answer:?}");
        assert_eq!(answer.header("access-control-allow-origin"), "");
        let deleted =
            send(bench.address, "DELETE", &format!("/api/evaluations/{}", "0".repeat(64)), &[origin], "").await;
        assert_eq!(deleted.status, if status == 200 { 404 } else { 403 });
    }
}

#[tokio::test]
async fn a_local_proxy_is_believed_only_with_the_browsers_word() {
    let bench = Bench::start().await;
    let proxied = [JSON, "origin: http://localhost:8080", "sec-fetch-site: same-origin"];
    assert_eq!(send(bench.address, "POST", "/api/run", &proxied, &run_of("f")).await.status, 200);
    for site in ["sec-fetch-site: same-site", "sec-fetch-site: cross-site"] {
        let answer =
            send(bench.address, "POST", "/api/run", &[JSON, "origin: http://localhost:9", site], &run_of("f")).await;
        assert_eq!(answer.status, 403, "{site}");
    }
    let rebound = [JSON, "origin: https://evil.example", "sec-fetch-site: same-origin"];
    assert_eq!(send(bench.address, "POST", "/api/run", &rebound, &run_of("f")).await.status, 403);
}

#[tokio::test]
async fn names_that_are_not_ours_get_no_answer() {
    let bench = Bench::start_with(|config| config.hosts.push("Frugal.Example".to_owned())).await;
    for (host, status) in [
        ("localhost", 200),
        ("LOCALHOST:1", 200),
        ("127.0.0.1:8081", 200),
        ("[::1]:8081", 200),
        ("frugal.example", 200),
        ("evil.example", 403),
        ("localhost.evil.example", 403),
        ("127.0.0.1.nip.io", 403),
        ("localhost@evil.example", 403),
        ("10.0.0.1", 403),
        ("", 403),
    ] {
        let answer = send(bench.address, "GET", "/api/health", &[&format!("host: {host}")], "").await;
        assert_eq!(answer.status, status, "{host}: {answer:?}");
    }
    let two = b"GET /api/health HTTP/1.1\r\nhost: localhost\r\nhost: evil.example\r\nconnection: close\r\n\r\n";
    assert!(raw(bench.address, two).await.is_none_or(|answer| answer.status >= 400));
    let none = b"GET /api/health HTTP/1.1\r\nconnection: close\r\n\r\n";
    assert!(raw(bench.address, none).await.is_none_or(|answer| answer.status >= 400));
}

#[tokio::test]
async fn an_allowed_origin_is_told_so_and_no_other() {
    let bench = Bench::start_with(|config| config.allowed_origins.push("https://docs.example/".to_owned())).await;
    let docs = "origin: https://docs.example";
    let preflight = ["access-control-request-method: POST", "access-control-request-headers: content-type"];
    let answer = send(bench.address, "OPTIONS", "/api/run", &[docs, preflight[0], preflight[1]], "").await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (204, "https://docs.example"));
    assert_eq!(answer.header("access-control-allow-headers"), "content-type, authorization");
    let answer = send(bench.address, "POST", "/api/run", &[JSON, docs], &run_of("f")).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, "https://docs.example"));
    assert_eq!(answer.header("vary"), "origin");
    let evil = "origin: https://evil.example";
    let answer = send(bench.address, "OPTIONS", "/api/run", &[evil, preflight[0], preflight[1]], "").await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
    assert_eq!(send(bench.address, "POST", "/api/run", &[JSON, evil], &run_of("f")).await.status, 403);
}
