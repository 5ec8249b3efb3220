#![allow(clippy::unwrap_used)]
//! The client against endpoints that misbehave, each a thread that plays its answers in order, byte by byte.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::*;

const SECRET: &str = "sk-secret-0123456789abcdef";

/// What the endpoint does with one request.
enum Act {
    /// Sends these bytes and closes.
    Say(String),
    /// Sends these bytes, then nothing more for so long.
    Stall(String, Duration),
    /// Sends the first bytes at once and the others one by one with a pause between.
    Drip(String, String, Duration),
}

/// Plays acts, one a request; the requests come out of the receiver.
fn endpoint(acts: Vec<Act>) -> (Endpoint, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (seen, requests) = channel();
    std::thread::spawn(move || {
        for act in acts {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = seen.send(read_request(&mut stream));
            play(&mut stream, &act);
        }
    });
    let mut endpoint = Endpoint::new(format!("http://{address}/v1"), "tiny");
    endpoint.key = Some(Key::new(SECRET).unwrap());
    endpoint.timeouts = Timeouts {
        connect: Duration::from_secs(2),
        byte: Duration::from_millis(1_000),
        whole: Duration::from_millis(2_500),
    };
    endpoint.attempts_max = 1;
    (endpoint, requests)
}

fn read_request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let length: Option<usize> =
            text.to_lowercase().split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok());
        if let (Some((head, _)), Some(length)) = (text.split_once("\r\n\r\n"), length)
            && bytes.len() >= head.len() + 4 + length
        {
            return text;
        }
        match stream.read(&mut chunk) {
            Ok(count) if count > 0 => bytes.extend_from_slice(&chunk[..count]),
            _ => return text,
        }
    }
}

fn play(stream: &mut TcpStream, act: &Act) {
    match act {
        Act::Say(bytes) => drop(stream.write_all(bytes.as_bytes())),
        Act::Stall(bytes, pause) => {
            let _ = stream.write_all(bytes.as_bytes());
            sleep(*pause);
        }
        Act::Drip(bytes, rest, pause) => {
            let _ = stream.write_all(bytes.as_bytes());
            for byte in rest.bytes() {
                if stream.write_all(&[byte]).is_err() {
                    return;
                }
                sleep(*pause);
            }
        }
    }
}

fn http(status: &str, kind: &str, more: &str, body: &str) -> Act {
    let length = body.len();
    Act::Say(format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\n{more}content-length: {length}\r\n\r\n{body}"))
}

fn json(body: &str) -> Act {
    http("200 OK", "application/json", "", body)
}

fn events(body: &str) -> Act {
    http("200 OK", "text/event-stream; charset=utf-8", "", body)
}

fn answer(text: &str) -> Act {
    json(&format!(
        r#"{{"choices":[{{"message":{{"content":"{text}"}},"finish_reason":"stop"}}],"usage":{{"prompt_tokens":3,"completion_tokens":2}}}}"#
    ))
}

fn request() -> Request {
    let message = Message { role: Role::User, content: "hello".to_owned() };
    Request { messages: vec![message], temperature: Some(0.0), reply_tokens_max: Some(9), seed: None }
}

fn ask(endpoint: Endpoint) -> Result<Reply, ChatError> {
    Client::new(endpoint).unwrap().ask(&request(), &Stop::default()).map_err(|failed| failed.error)
}

#[test]
fn an_answer_in_one_piece_and_one_in_a_stream_say_the_same() {
    let pieces = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n: a comment\n\n\
        data: {\"choices\":[{\"delta\":{\"content\":\"he\"}}]}\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"llo\"},\
        \"finish_reason\":\"stop\"}]}\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}\n\n\
        data: [DONE]\n\n";
    for act in [answer("hello"), events(pieces)] {
        let (endpoint, requests) = endpoint(vec![act]);
        let reply = ask(endpoint).unwrap();
        let usage = Some(Usage { prompt_tokens: 3, completion_tokens: 2 });
        assert_eq!((reply.text.as_str(), reply.finish, reply.usage), ("hello", Finish::Stop, usage));
        let sent = requests.recv().unwrap();
        assert!(sent.starts_with("POST /v1/chat/completions HTTP/1.1\r\n"), "{sent}");
        assert!(sent.to_lowercase().contains(&format!("authorization: bearer {SECRET}")), "{sent}");
        let body: serde_json::Value = serde_json::from_str(sent.split("\r\n\r\n").nth(1).unwrap()).unwrap();
        assert_eq!((&body["model"], &body["max_tokens"], &body["stream"]), (&"tiny".into(), &9.into(), &true.into()));
        assert_eq!(body["messages"][0]["content"], "hello");
    }
}

#[test]
fn what_passes_is_tried_again_and_no_more_than_allowed() {
    let acts = || {
        vec![
            http(
                "429 Too Many Requests",
                "application/json",
                "retry-after: 1\r\n",
                r#"{"error":{"message":"slower"}}"#,
            ),
            http("500 Oops", "text/html", "", "<html>"),
            answer("third"),
        ]
    };
    let (mut patient, _requests) = endpoint(acts());
    patient.attempts_max = 3;
    let begun = Instant::now();
    let reply = ask(patient).unwrap();
    assert_eq!((reply.text.as_str(), reply.attempts), ("third", 3));
    // one second that was asked for, and one of our own before the third attempt
    assert!((1_900..6_000).contains(&begun.elapsed().as_millis()), "{:?}", begun.elapsed());
    assert!(reply.wall_ms >= 1_900);
    let (mut two, _requests) = endpoint(acts());
    two.attempts_max = 2;
    assert_eq!(ask(two), Err(ChatError::Broken { status: 500, message: "<html>".to_owned() }));
    let dated = "date: Sun, 06 Nov 1994 08:49:36 GMT\r\nretry-after: Sunday, 06-Nov-94 08:49:37 GMT\r\n";
    let (mut dated, _requests) =
        endpoint(vec![http("503 Service Unavailable", "text/plain", dated, "later"), answer("second")]);
    dated.attempts_max = 2;
    let begun = Instant::now();
    assert_eq!(ask(dated).unwrap().text, "second");
    assert!(begun.elapsed() >= Duration::from_millis(950), "{:?}", begun.elapsed());
    let (mut hurried, _requests) = endpoint(acts());
    (hurried.attempts_max, hurried.retry_after_max) = (3, Duration::ZERO);
    let asked = ChatError::Busy { retry_after: Some(Duration::from_secs(1)), message: "slower".to_owned() };
    assert_eq!(ask(hurried), Err(asked));
}

#[test]
fn a_refusal_is_final() {
    for (status, number) in [("401 Unauthorized", 401), ("404 Not Found", 404), ("400 Bad Request", 400)] {
        let (mut endpoint, _requests) = endpoint(vec![http(status, "application/json", "", r#"{"error":"no"}"#)]);
        endpoint.attempts_max = 3;
        assert_eq!(ask(endpoint), Err(ChatError::Refused { status: number, message: "no".to_owned() }));
    }
}

#[test]
fn nothing_is_followed_elsewhere() {
    let act = http("307 Temporary Redirect", "text/plain", "location: http://127.0.0.1:1/x\r\n", "");
    let (endpoint, _requests) = endpoint(vec![act]);
    assert_eq!(ask(endpoint), Err(ChatError::Redirected { location: "http://127.0.0.1:1/x".to_owned() }));
}

#[test]
fn cut_answers_are_told_from_whole_ones() {
    let half = r#"{"choices":[{"message":{"content":"hel"#;
    let announced = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{half}");
    let closed = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n{half}");
    let chunk = "data: {\"choices\":[{\"delta\":{\"content\":\"he\"}}]}\n\n";
    let chunked = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{chunk}\r\n",
        chunk.len()
    );
    for act in [Act::Say(announced), Act::Say(closed), Act::Say(chunked), events(chunk), Act::Say(String::new())] {
        let (endpoint, _requests) = endpoint(vec![act]);
        assert_eq!(ask(endpoint), Err(ChatError::Cut));
    }
}

#[test]
fn garbage_is_named() {
    let not_utf8 = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>";
    let no_http = "SSH-2.0-OpenSSH_9.6\r\n\r\n";
    let bodies = [r#"{"choices":[]}"#, r#"{"choices":7}"#, "[]", r#"{"choices":[{}]}"#, ""];
    let mut acts: Vec<Act> = bodies.map(json).into();
    acts.extend([
        Act::Say(not_utf8.to_owned()),
        Act::Say(no_http.to_owned()),
        events("hello\n"),
        events("data: {\n\n"),
    ]);
    let mut named = 0;
    for act in acts {
        let (endpoint, _requests) = endpoint(vec![act]);
        match ask(endpoint) {
            Err(ChatError::Garbage { message }) => {
                assert!(!message.is_empty());
                named += 1;
            }
            // an event that ends in the middle of its JSON was cut
            Err(ChatError::Cut) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(named, 8);
}

#[test]
fn an_answer_over_the_cap_is_refused_and_one_at_it_is_not() {
    let body = r#"{"choices":[{"message":{"content":"hello"}}]}"#;
    for (cap, is_fine) in [(body.len() as u64, true), (body.len() as u64 - 1, false)] {
        let (mut endpoint, _requests) = endpoint(vec![json(body)]);
        endpoint.reply_max_bytes = cap;
        let got = ask(endpoint);
        assert_eq!(got.is_ok(), is_fine, "{got:?}");
        assert!(is_fine || got == Err(ChatError::TooLarge { max_bytes: cap }));
    }
}

#[test]
fn no_endpoint_holds_a_call_for_longer_than_its_timeouts() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n";
    let long = Duration::from_secs(20);
    let cases = [
        (Act::Stall(String::new(), long), Wait::Byte),
        (Act::Stall(head.to_owned(), long), Wait::Byte),
        (Act::Drip(head.to_owned(), " ".repeat(4_000), Duration::from_millis(20)), Wait::Whole),
        (Act::Drip(String::new(), head.repeat(20), Duration::from_millis(20)), Wait::Byte),
    ];
    for (act, wait) in cases {
        let (endpoint, _requests) = endpoint(vec![act]);
        let begun = Instant::now();
        let got = ask(endpoint);
        assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
        assert_eq!(got, Err(ChatError::TimedOut { wait }));
    }
}

#[test]
fn an_endpoint_that_is_not_there_is_unreachable() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (mut endpoint, _requests) = endpoint(vec![]);
    endpoint.url = format!("http://127.0.0.1:{port}/v1");
    assert!(matches!(ask(endpoint), Err(ChatError::Unreachable { .. })));
}

#[test]
fn a_stop_ends_a_call_at_once_also_between_attempts() {
    let busy = http("429 Too Many Requests", "text/plain", "retry-after: 30\r\n", "later");
    for act in [Act::Stall(String::new(), Duration::from_secs(20)), busy] {
        let (mut endpoint, _requests) = endpoint(vec![act]);
        endpoint.timeouts = Timeouts::default();
        endpoint.attempts_max = 3;
        let flag = Arc::new(AtomicBool::new(false));
        let pulled = flag.clone();
        std::thread::spawn(move || {
            sleep(Duration::from_millis(300));
            pulled.store(true, Ordering::Relaxed);
        });
        let begun = Instant::now();
        let client = Client::new(endpoint.clone()).unwrap();
        let got = client.ask(&request(), &Stop::by(flag)).map_err(|failed| (failed.error, failed.attempts));
        assert_eq!(got, Err((ChatError::Stopped, 1)));
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
        let past = Stop::default().at(Some(Instant::now()));
        assert_eq!(
            client.ask(&request(), &past).map_err(|failed| (failed.error, failed.attempts)),
            Err((ChatError::OutOfTime, 0))
        );
    }
}

#[test]
fn the_key_is_nowhere() {
    let log = Mutex::new(Vec::new());
    let note = |shown: String| log.lock().unwrap().push(shown);
    let echo = format!("you sent {SECRET}, yes {SECRET}");
    let pad = "x".repeat(290);
    let (first, second) = SECRET.split_at(7);
    let acts = [
        answer(&echo),
        http("400 Bad Request", "application/json", "", &format!(r#"{{"error":{{"message":"{echo}"}}}}"#)),
        http("500 Oops", "text/plain", "", &format!("{pad}{SECRET}")),
        http("429 Busy", "text/plain", "", &echo),
        http("302 Found", "text/plain", &format!("location: http://other/?k={SECRET}\r\n"), ""),
        json(&format!(r#"{{"choices":"{pad}{SECRET}"}}"#)),
        json(&format!(r#"{{"choices":[{{"message":{{"content":"a"}},"finish_reason":"{SECRET}"}}]}}"#)),
        json(&format!(r#"{{"error":{{"message":"\u0073{}"}}}}"#, &SECRET[1..])),
        events(&format!(
            "data: {{\"choices\":[{{\"delta\":{{\"content\":\"{first}\"}}}}]}}\n\ndata: {{\"choices\":[{{\"delta\":{{\"content\":\"{second}\"}}}}]}}\n\ndata: [DONE]\n\n"
        )),
    ];
    for act in acts {
        let (endpoint, _requests) = endpoint(vec![act]);
        note(format!("{endpoint:?}"));
        let client = Client::new(endpoint).unwrap();
        note(format!("{client:?} {}", client.address()));
        match client.ask(&request(), &Stop::default()) {
            Ok(reply) => note(format!("{reply:?}")),
            Err(failed) => note(format!("{failed:?} {failed}")),
        }
    }
    let log = log.into_inner().unwrap();
    assert_eq!(log.len(), 27);
    assert!(log.iter().filter(|line| line.contains("[key]")).count() >= 6, "{log:#?}");
    for line in log {
        assert!(!line.contains(SECRET) && !line.contains("0123456789") && !line.contains("xsk-s"), "{line}");
    }
}

#[test]
fn keys_and_addresses_are_checked() {
    assert_eq!(Key::new(" \n"), Err(KeyError::Empty));
    assert_eq!(Key::new("two words"), Err(KeyError::Character));
    assert_eq!(Key::new("a\r\nx-evil: 1"), Err(KeyError::Character));
    assert_eq!(Key::new(&"a".repeat(20_000)), Err(KeyError::TooLong));
    assert_eq!(Key::new(" sk-1\n"), Key::new("sk-1"));
    let client = |url: &str| Client::new(Endpoint::new(url, "m"));
    for bad in ["", "models.example/v1", "ftp://x/v1", "file:///etc/passwd", "http://me:pass@host/v1", "https://"] {
        assert!(matches!(client(bad), Err(EndpointError::Address { .. })), "{bad}");
    }
    let shown = |url: &str| client(url).unwrap().address().to_owned();
    assert_eq!(shown("https://host/v1/chat/completions?api-version=1&code=secret"), "https://host/v1");
    assert_eq!(shown("http://127.0.0.1:8080/"), "http://127.0.0.1:8080");
    assert!(matches!(Client::new(Endpoint::new("http://host", " ")), Err(EndpointError::Model)));
    let mut endpoint = Endpoint::new("https://host", "m");
    endpoint.certificates_pem = Some(b"nothing".to_vec());
    assert!(matches!(Client::new(endpoint), Err(EndpointError::Certificates { .. })));
}
