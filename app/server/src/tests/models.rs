//! Models by the interface of OpenAI.

use std::path::Path;

use frugal_model::config::Config as Shape;
use frugal_model::decoder::{MatrixOrder, Precision, WeightType};
use frugal_model::weights::Stream;
use frugal_session::{Limits, ModelFiles, OpenOptions, Opening, Session};
use frugal_tensor::{Cpu, DType};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::client::{Answer, get, post};
use super::harness::{Bench, until};
use crate::ModelSource;

const TEMPLATE: &str = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant:";

/// The small GPT-2 of the parity vectors.
fn open(slots: usize, queue_max: usize) -> Result<Session, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/parity/gpt2");
    let read = |name: &str| std::fs::read(folder.join(name)).map_err(|error| format!("{name}: {error}"));
    let limits = Limits { slots, context: 128, chunk: 16, cache: DType::F32 };
    let options = OpenOptions { limits, precision: Precision::uniform(WeightType::F32), queue_max };
    let tokenizer = read("tokenizer.json")?;
    let files = ModelFiles { tokenizer: &tokenizer, chat_template: Some(TEMPLATE), ..ModelFiles::default() };
    let mut shape = Shape::from_json(&read("config.json")?).map_err(|error| error.to_string())?;
    // So that an answer is as long as was asked for.
    shape.end.clear();
    let say = |error: &dyn std::fmt::Display| error.to_string();
    let order = MatrixOrder::Transformers;
    let mut opening = Opening::new(shape, order, &files, options, Box::new(Cpu::fast())).map_err(|e| say(&e))?;
    let weights = read("model.safetensors")?;
    let mut stream = Stream::new("model.safetensors", weights.len() as u64);
    opening.push(&mut stream, &weights).map_err(|e| say(&e))?;
    opening.finish(None).map_err(|e| say(&e))
}

async fn bench(slots: usize, queue_max: usize) -> Bench {
    let open = move || open(slots, queue_max);
    Bench::start_with_models(vec![ModelSource { name: "small".to_owned(), open: Box::new(open) }]).await
}

fn completion(prompt: &str, tokens: usize) -> Value {
    json!({ "model": "small", "prompt": prompt, "max_tokens": tokens, "temperature": 0 })
}

async fn complete(bench: &Bench, body: &Value) -> Answer {
    post(bench.address, "/v1/completions", &body.to_string()).await
}

fn text(answer: &Answer) -> String {
    answer.json()["choices"][0]["text"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
}

/// The data of a stream's events; the last one must say that it is the last.
fn events(answer: &Answer) -> Vec<Value> {
    let mut data: Vec<&str> = answer.body.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
    assert_eq!(data.pop(), Some("[DONE]"), "{answer:?}");
    data.into_iter().map(|data| serde_json::from_str(data).unwrap()).collect()
}

#[tokio::test]
async fn models_are_listed_and_an_unknown_one_is_named() {
    let bench = bench(1, 1).await;
    let list = get(bench.address, "/v1/models").await.json();
    assert_eq!((&list["object"], &list["data"][0]["id"]), (&json!("list"), &json!("small")));
    assert_eq!(get(bench.address, "/v1/models/small").await.json()["object"], "model");
    let missing = get(bench.address, "/v1/models/large").await;
    assert_eq!((missing.status, missing.code().as_str()), (404, "model_not_found"));
    assert!(missing.body.contains("it has small"), "{missing:?}");
    let none = Bench::start().await;
    assert_eq!(get(none.address, "/v1/models").await.json()["data"], json!([]));
    let refused = post(none.address, "/v1/completions", &completion("a", 1).to_string()).await;
    assert!(refused.status == 404 && refused.body.contains("--model"), "{refused:?}");
}

#[tokio::test]
async fn parts_of_an_answer_are_the_whole_answer() {
    let bench = bench(2, 4).await;
    let mut body = completion("the cat", 20);
    let whole = complete(&bench, &body).await;
    let (said, usage) = (text(&whole), whole.json()["usage"].clone());
    assert_eq!(usage, json!({ "prompt_tokens": 4, "completion_tokens": 20, "total_tokens": 24 }));
    assert_eq!(whole.json()["choices"][0]["finish_reason"], "length");
    body["stream"] = json!(true);
    body["stream_options"] = json!({ "include_usage": true });
    let parts = complete(&bench, &body).await;
    assert_eq!(parts.header("content-type"), "text/event-stream");
    let parts = events(&parts);
    let joined: String = parts.iter().filter_map(|part| part["choices"][0]["text"].as_str()).collect();
    assert_eq!(joined, said);
    assert_eq!(parts[parts.len() - 2]["choices"][0]["finish_reason"], "length");
    assert_eq!(parts[parts.len() - 1]["usage"], usage);
    let id = &parts[0]["id"];
    assert!(parts.iter().all(|part| &part["id"] == id), "one answer, one id");
}

#[tokio::test]
async fn a_conversation_is_rendered_and_answered() {
    let bench = bench(1, 1).await;
    let rendered = "system: be brief\nuser: hello\nassistant:";
    let want = text(&complete(&bench, &completion(rendered, 8)).await);
    let mut body = json!({
        "model": "small", "temperature": 0, "max_completion_tokens": 8, "logprobs": true, "top_logprobs": 2,
        "messages": [
            { "role": "system", "content": "be brief" },
            { "role": "user", "content": [{ "type": "text", "text": "hel" }, { "type": "text", "text": "lo" }] },
        ],
    });
    let answer = post(bench.address, "/v1/chat/completions", &body.to_string()).await.json();
    let choice = &answer["choices"][0];
    assert_eq!((&choice["message"]["content"], &answer["object"]), (&json!(want), &json!("chat.completion")));
    let logprobs = choice["logprobs"]["content"].as_array().unwrap();
    assert_eq!(logprobs.len(), 8);
    for one in logprobs {
        assert!(one["logprob"].as_f64().unwrap() <= 0.0);
        assert_eq!(one["token"], one["top_logprobs"][0]["token"], "greedy takes the likeliest");
    }
    body["stream"] = json!(true);
    let parts = events(&post(bench.address, "/v1/chat/completions", &body.to_string()).await);
    assert_eq!(parts[0]["choices"][0]["delta"]["role"], "assistant");
    let joined: String = parts.iter().filter_map(|part| part["choices"][0]["delta"]["content"].as_str()).collect();
    assert_eq!(joined, want);
}

#[tokio::test]
async fn ten_ask_at_once_and_five_go_away() {
    let bench = bench(3, 20).await;
    let prompts = ["a", "the cat", "hello", "one two", "x"];
    let mut alone = Vec::new();
    for prompt in prompts {
        alone.push(text(&complete(&bench, &completion(prompt, 40)).await));
    }
    let mut gone = Vec::new();
    for prompt in prompts {
        let mut body = completion(prompt, 127);
        body["stream"] = json!(true);
        let body = body.to_string();
        let head = "POST /v1/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json";
        let mut stream = TcpStream::connect(bench.address).await.unwrap();
        stream.write_all(format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).as_bytes()).await.unwrap();
        gone.push(stream);
    }
    assert!(gone[0].read(&mut [0; 64]).await.unwrap() > 0);
    drop(gone);
    let bodies: Vec<Value> = prompts.iter().map(|prompt| completion(prompt, 40)).collect();
    let answers = futures::future::join_all(bodies.iter().map(|body| complete(&bench, body))).await;
    let together: Vec<String> = answers.iter().map(text).collect();
    assert_eq!(together, alone, "who else is in the batch changes nothing");
}

#[tokio::test]
async fn a_full_queue_says_when_to_come_back_and_a_leaver_makes_room() {
    let bench = bench(1, 1).await;
    let mut long = completion("x", 127);
    long["stream"] = json!(true);
    // Slow enough to be met: the model is small.
    let holders: Vec<_> = (0..400).map(|_| complete(&bench, &long)).collect();
    let answers = futures::future::join_all(holders).await;
    let refused: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 429).collect();
    assert!(!refused.is_empty(), "400 at once, where one runs and one waits");
    for answer in refused {
        assert!(!answer.header("retry-after").is_empty() && answer.body.contains("rate_limit_error"), "{answer:?}");
    }
    assert!(answers.iter().any(|answer| answer.status == 200));
    assert_eq!(complete(&bench, &completion("x", 4)).await.status, 200);
}

#[tokio::test]
async fn what_cannot_be_answered_names_the_field() {
    let bench = bench(1, 1).await;
    let chat = |more: Value| {
        let mut body = json!({ "model": "small", "messages": [{ "role": "user", "content": "x" }] });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        ("/v1/chat/completions", body)
    };
    let plain = |more: Value| {
        let mut body = completion("x", 2);
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        ("/v1/completions", body)
    };
    let cases = [
        (chat(json!({ "messages": [] })), "messages"),
        (chat(json!({ "messages": ["x"] })), "messages[0]"),
        (chat(json!({ "messages": [{ "content": "x" }] })), "messages[0].role"),
        (chat(json!({ "messages": [{ "role": "user", "content": 3 }] })), "messages[0].content"),
        (
            chat(json!({ "messages": [{ "role": "user", "content": [{ "type": "image_url" }] }] })),
            "messages[0].content",
        ),
        (chat(json!({ "tools": [] })), "tools"),
        (chat(json!({ "n": 2 })), "n"),
        (chat(json!({ "prompt": "x" })), "prompt"),
        (chat(json!({ "top_logprobs": 2 })), "top_logprobs"),
        (chat(json!({ "logprobs": true, "top_logprobs": 21 })), "top_logprobs"),
        (chat(json!({ "response_format": { "type": "json_object" } })), "response_format"),
        (chat(json!({ "frequency_penalty": 0.5 })), "frequency_penalty"),
        (plain(json!({ "temperature": -1 })), "the request"),
        (plain(json!({ "temperature": "hot" })), "temperature"),
        (plain(json!({ "top_p": 0 })), "the request"),
        (plain(json!({ "max_tokens": 0 })), "the request"),
        (plain(json!({ "prompt": "" })), "the request"),
        (plain(json!({ "prompt": "x".repeat(4_000) })), "the request"),
        (plain(json!({ "prompt": [99_999] })), "the request"),
        (plain(json!({ "prompt": ["a", "b"] })), "prompt"),
        (plain(json!({ "stop": ["a", "b", "c", "d", "e"] })), "stop"),
        (plain(json!({ "stop": "" })), "stop"),
        (plain(json!({ "echo": true })), "echo"),
        (plain(json!({ "logprobs": 30 })), "logprobs"),
        (plain(json!({ "messages": [] })), "messages"),
    ];
    for ((path, body), param) in cases {
        let answer = post(bench.address, path, &body.to_string()).await;
        let error = answer.json()["error"].clone();
        assert_eq!(
            (answer.status, &error["param"], &error["type"]),
            (400, &json!(param), &json!("invalid_request_error")),
            "{body} {answer:?}"
        );
        assert!(!error["message"].as_str().unwrap().is_empty());
    }
    // Everything above left the model as it was.
    assert_eq!(complete(&bench, &completion("x", 2)).await.status, 200);
}

#[tokio::test]
async fn a_stopping_server_ends_streams() {
    let bench = bench(1, 400).await;
    let mut long = completion("x", 127);
    long["stream"] = json!(true);
    let address = bench.address;
    let streams: Vec<_> = (0..60)
        .map(|_| {
            tokio::spawn({
                let body = long.to_string();
                async move { post(address, "/v1/completions", &body).await }
            })
        })
        .collect();
    let streams_begun = || streams.iter().any(tokio::task::JoinHandle::is_finished);
    until("one is answered", streams_begun).await;
    bench.stop().await;
    for stream in streams {
        let answer = stream.await.unwrap();
        assert!(answer.status != 200 || answer.body.ends_with("data: [DONE]\n\n"), "{answer:?}");
    }
}
