use frugal_decode::{Finish, StopStrings, Timeline, TokenLogprob};

use crate::codec::TextParts;
use crate::{Event, FinishReason, RequestId, SessionError};

/// A request that has a slot.
pub(crate) struct Running {
    pub(crate) id: RequestId,
    text: Box<dyn TextParts>,
    stop: StopStrings,
}

impl Running {
    pub(crate) fn new(id: RequestId, text: Box<dyn TextParts>, stop: Vec<String>) -> Self {
        Self { id, text, stop: StopStrings::new(stop) }
    }

    /// Takes a token; true when the answer ends by it.
    pub(crate) fn token(
        &mut self,
        token: u32,
        logprobs: Option<(TokenLogprob, Vec<TokenLogprob>)>,
        ends: bool,
        events: &mut Vec<(RequestId, Event)>,
    ) -> bool {
        // A token that ends the answer is not part of its text.
        let text = if ends { Ok(String::new()) } else { self.text.push(token) };
        match text {
            Ok(text) => {
                let text = self.stop.push(&text);
                events.push((self.id, Event::Token { token, text, logprobs }));
                self.stop.has_stopped()
            }
            Err(error) => {
                events.push((self.id, Event::Failed(SessionError::Text(error))));
                true
            }
        }
    }

    /// The last event.
    pub(crate) fn finish(mut self, finish: Option<Finish>, timeline: Option<Timeline>) -> (RequestId, Event) {
        let reason = match finish {
            _ if self.stop.has_stopped() => FinishReason::StopString,
            Some(Finish::End) => FinishReason::End,
            Some(Finish::Length) => FinishReason::Length,
            Some(Finish::ContextFull) => FinishReason::ContextFull,
            None => FinishReason::Cancelled,
        };
        let rest = self.text.finish();
        let mut text = self.stop.push(&rest);
        text.push_str(&self.stop.finish());
        (self.id, Event::Finished { reason, text, timeline })
    }
}
