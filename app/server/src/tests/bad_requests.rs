//! What hostile or careless clients send. Numbers in comments: the list of bad inputs in spec/security.md.

use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::client::{get, post, raw, read_answer, send};
use super::harness::{Bench, run_of};

/// A run with one part replaced.
fn with(part: &str) -> String {
    format!(r#"{{"language":"wat","source":"(module)","entry":"f",{part}}}"#)
}

#[tokio::test]
async fn json_that_is_wrong_says_where() {
    let bench = Bench::start().await;
    let deep = with(&format!("\"arguments\":{}", "[".repeat(50_000)));
    let long = "9".repeat(5_000);
    let huge_fuel = with(&format!(r#""limits":{{"fuel":"{long}"}}"#));
    for (body, place) in [
        // 42: duplicate keys, deep nesting, NaN, 1e999, huge integers as fuel, wrong types
        (r#"{"language":"wat","language":"wat"}"#.to_owned(), "language (line 1"),
        (with(r#""arguments":[{"a":1,"a":2}]"#), "arguments[0].a (line 1"),
        (deep, "arguments[0]"),
        (with(r#""arguments":[NaN]"#), "arguments[0]"),
        (with(r#""arguments":[1e999]"#), "arguments[0]"),
        (with(r#""limits":{"fuel":"18446744073709551616"}"#), "limits.fuel"),
        (huge_fuel, "limits.fuel"),
        (with(r#""limits":{"fuel":1000}"#), "limits.fuel"),
        (with(r#""limits":{"fuel":"-1"}"#), "limits.fuel"),
        (with(r#""limits":{"fuel":"1e3"}"#), "limits.fuel"),
        (with(r#""limits":{"wall_ms":"10"}"#), "limits.wall_ms"),
        (with(r#""limits":{"wall_ms":-1}"#), "limits.wall_ms"),
        (with(r#""limits":{"wall_ms":1.5}"#), "limits.wall_ms"),
        (with(r#""limits":{"wal_ms":1}"#), "limits"),
        (with(r#""fuel":"1""#), ""),
        (r#"{"language":"cobol","source":""}"#.to_owned(), "language"),
        ("[]".to_owned(), "the body"),
        ("\u{feff}{}".to_owned(), "(line 1"),
        (with(r#""stdin":"x""#), "stdin"),
        (r#"{"language":"wat","entry":"f"}"#.to_owned(), "source"),
        (r#"{"language":"wasm","source":"","entry":"f"}"#.to_owned(), "module"),
        (r#"{"language":"wasm","module":"!","entry":"f"}"#.to_owned(), "module"),
        (r#"{"language":"wat","source":"(module)"}"#.to_owned(), "entry"),
    ] {
        let answer = post(bench.address, "/api/run", &body).await;
        assert_eq!(answer.status, 422, "{body:.80}: {answer:?}");
        assert!(answer.place().starts_with(place), "{body:.80}: {answer:?}");
    }
    let not_utf8 = [b"POST /api/run HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 4\r\n\r\n\"\xff\xfe\"".as_slice()].concat();
    assert_eq!(raw(bench.address, &not_utf8).await.unwrap().status, 422);
    assert_eq!(post(bench.address, "/api/run", &run_of("f")).await.status, 200, "the next request is unaffected");
}

#[tokio::test]
async fn limits_above_the_servers_are_refused_not_clamped() {
    let bench = Bench::start_with(|config| config.maxima.wall_ms = 5_000).await;
    for (limit, place) in [
        (r#""fuel":"1000000000001""#, "limits.fuel"),
        (r#""memory_bytes":2147483648"#, "limits.memory_bytes"),
        (r#""wall_ms":5001"#, "limits.wall_ms"),
    ] {
        let answer = post(bench.address, "/api/run", &with(&format!("\"limits\":{{{limit}}}"))).await;
        assert_eq!((answer.status, answer.code().as_str()), (422, "limit_too_high"), "{answer:?}");
        assert_eq!(answer.place(), place);
    }
    for odd in [r#""memory_bytes":65537"#, r#""call_depth":1"#, r#""output_bytes":0"#] {
        let answer = post(bench.address, "/api/run", &with(&format!("\"limits\":{{{odd}}}"))).await;
        assert_eq!((answer.status, answer.place().as_str()), (422, "limits"), "{answer:?}");
    }
    let report = post(bench.address, "/api/run", &run_of("f")).await.json();
    assert_eq!(report["limits"]["wall_ms"], 5_000, "what was not asked for follows the server");
}

#[tokio::test]
async fn sizes_that_lie_or_exceed() {
    let bench = Bench::start_with(|config| config.run_body_bytes_max = 1 << 20).await;
    // 42: a body above the bound.
    let source = " ".repeat(2 << 20);
    let answer = post(bench.address, "/api/run", &format!(r#"{{"language":"wat","source":"{source}"}}"#)).await;
    assert_eq!((answer.status, answer.code().as_str()), (413, "body_too_large"));
    let head = "POST /api/run HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n";
    // 45: lengths that lie, chunks that never end, two lengths.
    let announced =
        raw(bench.address, format!("{head}content-length: 999999999999\r\n\r\n{{}}").as_bytes()).await.unwrap();
    assert_eq!(announced.status, 413, "refused before anything is read");
    let chunk = format!("{:x}\r\n{}\r\n", 65_536, " ".repeat(65_536));
    let endless = format!("{head}connection: close\r\ntransfer-encoding: chunked\r\n\r\n{}", chunk.repeat(40));
    assert_eq!(raw(bench.address, endless.as_bytes()).await.map_or(413, |answer| answer.status), 413);
    for lie in
        ["content-length: -1", "content-length: 5\r\ncontent-length: 6", "content-length: 99999999999999999999999"]
    {
        let answer = raw(bench.address, format!("{head}{lie}\r\n\r\n{{}}").as_bytes()).await;
        assert!(answer.is_none_or(|answer| answer.status == 400), "{lie}");
    }
    let broken = format!("{head}connection: close\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n");
    assert!(raw(bench.address, broken.as_bytes()).await.is_none_or(|answer| answer.status == 400));
    let long_head = format!("GET /api/health HTTP/1.1\r\nhost: localhost\r\nx: {}\r\n\r\n", "x".repeat(200_000));
    assert!(raw(bench.address, long_head.as_bytes()).await.is_none_or(|answer| answer.status == 431));
    assert_eq!(get(bench.address, "/api/health").await.status, 200);
}

#[tokio::test]
async fn slow_clients_lose_their_connection() {
    let bench = Bench::start_with(|config| {
        config.header_deadline = Duration::from_millis(300);
        config.body_deadline = Duration::from_millis(300);
        config.connections_max = 8;
    })
    .await;
    // 44: heads that drip, half-open sockets; more of them than there are connections.
    let begun = Instant::now();
    let mut dripping = Vec::new();
    for index in 0..8 {
        let mut stream = TcpStream::connect(bench.address).await.unwrap();
        if index % 2 == 0 {
            stream.write_all(b"GET /api/health HTTP/1.1\r\nho").await.unwrap();
        }
        dripping.push(stream);
    }
    assert_eq!(get(bench.address, "/api/health").await.status, 200, "others get their turn");
    assert!(begun.elapsed() < Duration::from_secs(5));
    for mut stream in dripping {
        assert!(read_answer(&mut stream).await.is_none_or(|answer| answer.status == 408));
    }
    let mut stream = TcpStream::connect(bench.address).await.unwrap();
    let head = "POST /api/run HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n";
    stream.write_all(format!("{head}content-length: 100\r\n\r\n{{").as_bytes()).await.unwrap();
    let answer = read_answer(&mut stream).await.unwrap();
    assert_eq!((answer.status, answer.code().as_str()), (408, "request_timeout"));
}

#[tokio::test]
async fn only_json_is_taken() {
    let bench = Bench::start().await;
    // 49: what a foreign page can send without asking.
    for content_type in
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx"]
    {
        let header = format!("content-type: {content_type}");
        let answer = send(bench.address, "POST", "/api/run", &[&header], &run_of("f")).await;
        assert_eq!((answer.status, answer.code().as_str()), (415, "not_json"), "{content_type}");
    }
    let answer = send(bench.address, "POST", "/api/run", &[], &run_of("f")).await;
    assert_eq!(answer.status, 415);
    let utf8 = ["content-type: Application/JSON; charset=utf-8"];
    assert_eq!(send(bench.address, "POST", "/api/run", &utf8, &run_of("f")).await.status, 200);
}
