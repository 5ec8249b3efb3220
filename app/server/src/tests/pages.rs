//! The built page, and what must not be served (bad input 46).

use std::fs;
use std::path::Path;

use super::client::{Answer, get, raw, send};
use super::harness::Bench;

const INDEX: &str = "<!doctype html><head>\
    <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'self'\">\
    <base href=\"./\"><title>page</title>";

fn write(folder: &Path, name: &str, content: impl AsRef<[u8]>) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

/// A page with a secret beside it and links that lead there.
async fn start() -> Bench {
    Bench::start_with(|config| {
        let outer = config.data_folder.parent().unwrap().to_owned();
        let page = outer.join("page");
        write(&outer, "secret.txt", "SECRET");
        write(&outer, "secrets/index.html", "SECRET");
        write(&page, "index.html", INDEX);
        write(&page, "code/index.html", INDEX.replace("./", "../"));
        write(&page, "app-0123456789abcdef.wasm", vec![0; 5_000]);
        write(&page, "app-0123456789abcdef.wasm.br", "BROTLI");
        write(&page, "style.css", "a{}".repeat(1_000));
        write(&page, "guests/python-0123456789ab.wasm.br", "RAW");
        write(&page, ".hidden", "SECRET");
        std::os::unix::fs::symlink(outer.join("secret.txt"), page.join("link.txt")).unwrap();
        std::os::unix::fs::symlink(outer.join("secrets"), page.join("folder-link")).unwrap();
        std::os::unix::fs::symlink("/", page.join("root")).unwrap();
        config.static_folder = Some(page);
    })
    .await
}

#[tokio::test]
async fn nothing_outside_the_folder_is_served() {
    let bench = start().await;
    let long = format!("/{}", "a".repeat(4_096));
    for path in [
        "/../secret.txt",
        "/code/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e%2fsecret.txt",
        "/%252e%252e/secret.txt",
        "/..\\secret.txt",
        "/..%5csecret.txt",
        "/link.txt",
        "/folder-link/",
        "/folder-link/index.html",
        "/root/etc/passwd",
        "/.hidden",
        "/%2ehidden",
        "//etc/passwd",
        "/index.html%00.txt",
        "/index.html/",
        "/index.html/x.txt",
        "/C:/secret.txt",
        "/%ff%fe.txt",
        "/%",
        &long,
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        let answer = raw(bench.address, request.as_bytes()).await.unwrap();
        assert!(matches!(answer.status, 400 | 404), "{path:.60}: {answer:?}");
        assert!(!answer.body.contains("SECRET") && !answer.body.contains("root:"), "{path:.60}");
    }
    // As a person's browser asks, whose unknown addresses the page itself shows.
    for path in ["/../secret", "/%2e%2e/secret", "/root/etc/passwd", "//evil.example", "//evil.example/.."] {
        let answer = send(bench.address, "GET", path, &["accept: text/html"], "").await;
        assert!(answer.header("location").is_empty() && !answer.body.contains("root:"), "{path}: {answer:?}");
    }
}

#[tokio::test]
async fn documents_carry_their_own_policy() {
    let bench = start().await;
    let answer = get(bench.address, "/").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/html; charset=utf-8"));
    assert_eq!(
        answer.header("content-security-policy"),
        "default-src 'none'; script-src 'self'; frame-ancestors 'self'"
    );
    for (name, value) in [
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-embedder-policy", "require-corp"),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-cache"),
    ] {
        assert_eq!(answer.header(name), value, "{name}");
    }
}

#[tokio::test]
async fn files_have_their_types_and_lifetimes() {
    let bench = start().await;
    let facts = |answer: &Answer| {
        (answer.status, answer.header("content-type").to_owned(), answer.header("cache-control").contains("immutable"))
    };
    let wasm = get(bench.address, "/app-0123456789abcdef.wasm").await;
    assert_eq!(facts(&wasm), (200, "application/wasm".to_owned(), true));
    assert_eq!(wasm.body.len(), 5_000);
    assert_eq!(wasm.header("cross-origin-embedder-policy"), "require-corp");
    let encoded = send(bench.address, "GET", "/app-0123456789abcdef.wasm", &["accept-encoding: gzip, br"], "").await;
    assert_eq!((encoded.header("content-encoding"), encoded.body.as_str()), ("br", "BROTLI"));
    let refused = send(bench.address, "GET", "/app-0123456789abcdef.wasm", &["accept-encoding: br;q=0"], "").await;
    assert_eq!((refused.header("content-encoding"), refused.body.len()), ("", 5_000));
    let guest =
        send(bench.address, "GET", "/guests/python-0123456789ab.wasm.br", &["accept-encoding: gzip, br"], "").await;
    assert_eq!(facts(&guest), (200, "application/octet-stream".to_owned(), true));
    assert_eq!((guest.header("content-encoding"), guest.body.as_str()), ("", "RAW"));
    let style = send(bench.address, "GET", "/style.css", &["accept-encoding: gzip"], "").await;
    assert_eq!((style.header("content-encoding"), style.header("cache-control")), ("gzip", "no-cache"));
    assert!(style.body.len() < 1_000);
    let plain = get(bench.address, "/style.css").await;
    let known = format!("if-none-match: {}", plain.header("etag"));
    assert_eq!(send(bench.address, "GET", "/style.css", &[&known], "").await.status, 304);
    // 45: ranges are not offered, so huge ones get the whole file.
    let range = send(bench.address, "GET", "/style.css", &["range: bytes=0-99999999999999999999,5-"], "").await;
    assert_eq!((range.status, range.body.len()), (200, 3_000));
    assert_eq!(send(bench.address, "POST", "/style.css", &[], "x").await.status, 405);
}

#[tokio::test]
async fn deep_links_survive_a_reload() {
    let bench = start().await;
    let folder = get(bench.address, "/code").await;
    assert_eq!((folder.status, folder.header("location")), (308, "/code/"));
    assert!(get(bench.address, "/code/").await.body.contains("<base href=\"../\""));
    let deep = send(bench.address, "GET", "/code/some/where", &["accept: text/html,*/*"], "").await;
    assert_eq!(deep.status, 200);
    assert!(deep.body.contains("<base href=\"/\""), "addresses count from the root there");
    assert_eq!(send(bench.address, "GET", "/missing.js", &["accept: text/html"], "").await.status, 404);
    assert_eq!(send(bench.address, "GET", "/api/missing", &["accept: text/html"], "").await.code(), "not_found");
}
