//! An endpoint that plays a script: a model's answers, and everything that goes wrong on the way.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::{sleep, spawn};
use std::time::Duration;

use serde_json::{Value, json};

/// What the endpoint does with one request.
pub(crate) enum Act {
    /// Answers in one piece, ten tokens sent and five received.
    Say(String),
    /// The same as a stream.
    Stream(String),
    /// An answer that came to the most tokens allowed.
    CutShort(String),
    /// An answer without a count of tokens.
    Uncounted(String),
    /// A stream that ends in the middle.
    CutStream,
    /// 200 with this body.
    Garbage(&'static str),
    /// This status, header and body.
    Fail(u16, &'static str, String),
    /// Nothing, for so long.
    Stall(Duration),
}

/// One request as it came.
#[derive(Clone)]
pub(crate) struct Asked {
    /// Everything that was said to the model.
    pub(crate) prompt: String,
    /// The whole request, head and body.
    pub(crate) raw: String,
}

/// A running endpoint; it ends with the process.
pub(crate) struct Endpoint {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Endpoint {
    /// Starts one. The script sees the prompt and how many requests with this very prompt came before.
    pub(crate) fn start(script: impl Fn(&str, usize) -> Act + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (seen, script) = (asked.clone(), Arc::new(script));
        spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (seen, script) = (seen.clone(), script.clone());
                spawn(move || serve(stream, &seen, &*script));
            }
        });
        Self { url, asked }
    }

    /// Requests so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Requests whose prompt holds `words`.
    pub(crate) fn count(&self, words: &str) -> usize {
        self.asked().iter().filter(|asked| asked.prompt.contains(words)).count()
    }
}

fn serve(mut stream: TcpStream, seen: &Mutex<Vec<Asked>>, script: &(dyn Fn(&str, usize) -> Act + Send + Sync)) {
    while let Some(raw) = request(&mut stream) {
        let body: Value = serde_json::from_str(raw.split_once("\r\n\r\n").unwrap().1).unwrap();
        let said = body["messages"].as_array().unwrap().iter().map(|message| message["content"].as_str().unwrap());
        let prompt = said.collect::<Vec<_>>().join("\n\n");
        let before = {
            let mut seen = seen.lock().unwrap();
            let before = seen.iter().filter(|asked| asked.prompt == prompt).count();
            seen.push(Asked { prompt: prompt.clone(), raw });
            before
        };
        if !play(&mut stream, script(&prompt, before)) {
            return;
        }
    }
}

fn request(stream: &mut TcpStream) -> Option<String> {
    let (mut bytes, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_lowercase();
            let length = head.split("content-length: ").nth(1)?.lines().next()?.parse::<usize>().ok()?;
            if body.len() >= length {
                return Some(text);
            }
        }
        match stream.read(&mut chunk) {
            Ok(count) if count > 0 => bytes.extend_from_slice(&chunk[..count]),
            _ => return None,
        }
    }
}

/// Plays an act; false when the connection is at its end.
fn play(stream: &mut TcpStream, act: Act) -> bool {
    let usage = json!({"prompt_tokens": 10, "completion_tokens": 5});
    let whole = |text: &str, reason: &str, usage: &Value| {
        json!({"choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": reason}], "usage": usage})
            .to_string()
    };
    match act {
        Act::Say(text) => answer(stream, 200, "application/json", "", &whole(&text, "stop", &usage)),
        Act::CutShort(text) => answer(stream, 200, "application/json", "", &whole(&text, "length", &usage)),
        Act::Uncounted(text) => answer(stream, 200, "application/json", "", &whole(&text, "stop", &Value::Null)),
        Act::Garbage(body) => answer(stream, 200, "text/html", "", body),
        Act::Fail(status, header, body) => answer(stream, status, "application/json", header, &body),
        Act::Stream(text) => {
            let half = text.chars().count() / 2;
            let (first, second): (String, String) =
                (text.chars().take(half).collect(), text.chars().skip(half).collect());
            let events = [
                json!({"choices": [{"delta": {"content": first}}]}),
                json!({"choices": [{"delta": {"content": second}, "finish_reason": "stop"}]}),
                json!({"choices": [], "usage": usage}),
            ];
            let body: String = events.iter().map(|event| format!("data: {event}\n\n")).collect();
            answer(stream, 200, "text/event-stream", "", &format!("{body}data: [DONE]\n\n"))
        }
        Act::CutStream => {
            let event = json!({"choices": [{"delta": {"content": "```python\ndef rug_si"}}]});
            let _ = stream.write_all(
                format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\ndata: {event}\n\n"
                )
                .as_bytes(),
            );
            false
        }
        Act::Stall(pause) => {
            sleep(pause);
            false
        }
    }
}

fn answer(stream: &mut TcpStream, status: u16, kind: &str, header: &str, body: &str) -> bool {
    let head = format!("HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\n{header}content-length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).is_ok()
}
