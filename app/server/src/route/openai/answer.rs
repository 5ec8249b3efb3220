//! What clients of the OpenAI interface get.

use frugal_session::{FinishReason, Timeline};
use serde_json::{Value, json};

use crate::model::PieceLogprobs;

/// Which of the two interfaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Chat,
    Completion,
}

/// What stays the same in all parts of one answer.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub(super) kind: Kind,
    pub(super) id: String,
    pub(super) created_s: u64,
    pub(super) model: String,
}

/// The reason as the interface names it: it knows two.
pub(super) fn reason_name(reason: FinishReason) -> &'static str {
    match reason {
        FinishReason::Length | FinishReason::ContextFull => "length",
        FinishReason::End | FinishReason::StopString | FinishReason::Cancelled => "stop",
    }
}

/// The counts; 0 of an answer that never ran.
pub(super) fn usage(timeline: Option<&Timeline>) -> Value {
    let (prompt, completion) = timeline.map_or((0, 0), |timeline| (timeline.prompt_tokens, timeline.tokens));
    json!({ "prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion })
}

/// What an answer took, as `frugal generate --json` says it: an addition of ours that clients may leave unread.
pub(super) fn timeline(timeline: Option<&Timeline>) -> Value {
    timeline.map_or(Value::Null, |timeline| {
        json!({
            "queue_ms": timeline.queue_ms,
            "prefill_ms": timeline.prefill_ms,
            "first_token_ms": timeline.first_token_ms,
            "token_p50_ms": timeline.token_p50_ms,
            "token_p90_ms": timeline.token_p90_ms,
            "token_p99_ms": timeline.token_p99_ms,
            "tokens_per_second": timeline.tokens_per_second,
            "energy_joules": timeline.energy_joules,
        })
    })
}

impl Head {
    /// A whole answer.
    pub(super) fn whole(
        &self,
        text: &str,
        logprobs: &[PieceLogprobs],
        reason: FinishReason,
        took: Option<&Timeline>,
    ) -> Value {
        let logprobs = self.logprobs(logprobs);
        let (object, choice) = match self.kind {
            Kind::Chat => (
                "chat.completion",
                json!({
                    "index": 0,
                    "message": { "role": "assistant", "content": text, "refusal": null },
                    "logprobs": logprobs,
                    "finish_reason": reason_name(reason),
                }),
            ),
            Kind::Completion => (
                "text_completion",
                json!({ "index": 0, "text": text, "logprobs": logprobs, "finish_reason": reason_name(reason) }),
            ),
        };
        json!({
            "id": self.id,
            "object": object,
            "created": self.created_s,
            "model": self.model,
            "choices": [choice],
            "usage": usage(took),
            "timeline": timeline(took),
        })
    }

    /// One event of a stream.
    pub(super) fn part(&self, text: &str, logprobs: &[PieceLogprobs], reason: Option<FinishReason>) -> Value {
        let (logprobs, reason) = (self.logprobs(logprobs), reason.map(reason_name));
        let choice = match self.kind {
            Kind::Chat => {
                let delta = if reason.is_some() && text.is_empty() { json!({}) } else { json!({ "content": text }) };
                json!({ "index": 0, "delta": delta, "logprobs": logprobs, "finish_reason": reason })
            }
            Kind::Completion => json!({ "index": 0, "text": text, "logprobs": logprobs, "finish_reason": reason }),
        };
        self.event(&json!([choice]))
    }

    /// The first event of a conversation's stream.
    pub(super) fn begin(&self) -> Value {
        self.event(&json!([{ "index": 0, "delta": { "role": "assistant", "content": "" }, "finish_reason": null }]))
    }

    /// The event that tells the counts, where they were asked for.
    pub(super) fn counts(&self, took: Option<&Timeline>) -> Value {
        let mut event = self.event(&json!([]));
        event["usage"] = usage(took);
        event["timeline"] = timeline(took);
        event
    }

    fn event(&self, choices: &Value) -> Value {
        let object = match self.kind {
            Kind::Chat => "chat.completion.chunk",
            Kind::Completion => "text_completion",
        };
        json!({
            "id": self.id,
            "object": object,
            "created": self.created_s,
            "model": self.model,
            "choices": choices,
        })
    }

    fn logprobs(&self, logprobs: &[PieceLogprobs]) -> Value {
        if logprobs.is_empty() {
            return Value::Null;
        }
        let one =
            |(token, logprob): &(String, f64)| json!({ "token": token, "logprob": logprob, "bytes": token.as_bytes() });
        match self.kind {
            Kind::Chat => {
                let content = logprobs.iter().map(|piece| {
                    let mut value = one(&piece.chosen);
                    value["top_logprobs"] = piece.top.iter().map(one).collect();
                    value
                });
                json!({ "content": content.collect::<Vec<_>>(), "refusal": null })
            }
            Kind::Completion => {
                let top = |piece: &PieceLogprobs| -> Value {
                    piece
                        .top
                        .iter()
                        .map(|(token, logprob)| (token.clone(), json!(logprob)))
                        .collect::<serde_json::Map<_, _>>()
                        .into()
                };
                json!({
                    "tokens": logprobs.iter().map(|piece| &piece.chosen.0).collect::<Vec<_>>(),
                    "token_logprobs": logprobs.iter().map(|piece| piece.chosen.1).collect::<Vec<_>>(),
                    "top_logprobs": logprobs.iter().map(top).collect::<Vec<_>>(),
                })
            }
        }
    }
}
