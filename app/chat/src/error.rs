//! Why there is no answer.

use std::time::Duration;

/// What was waited for in vain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// A connection.
    Connect,
    /// The first byte of the answer, or the next one.
    Byte,
    /// The whole answer.
    Whole,
}

impl Wait {
    fn name(self) -> &'static str {
        match self {
            Self::Connect => "to connect",
            Self::Byte => "for the next byte",
            Self::Whole => "for the whole answer",
        }
    }
}

/// Why one request gave no answer. Text from the endpoint is hostile; the key is blotted out of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChatError {
    /// No connection.
    #[error("the endpoint cannot be reached: {message}")]
    Unreachable {
        /// What the network said.
        message: String,
    },
    /// It did not come in time.
    #[error("waited in vain {}", wait.name())]
    TimedOut {
        /// For what.
        wait: Wait,
    },
    /// It sends less than it announced, or a stream without its end.
    #[error("the answer was cut off")]
    Cut,
    /// It is no answer of a chat endpoint.
    #[error("the answer makes no sense: {message}")]
    Garbage {
        /// What is wrong with it.
        message: String,
    },
    /// More bytes than the cap.
    #[error("the answer has more than {max_bytes} bytes")]
    TooLarge {
        /// The cap, in bytes.
        max_bytes: u64,
    },
    /// Too many requests, or too many tokens.
    #[error("the endpoint asks to wait{}: {message}", retry_after.map(|wait| format!(" {} s", wait.as_secs())).unwrap_or_default())]
    Busy {
        /// How long, where it says so.
        retry_after: Option<Duration>,
        /// What it says.
        message: String,
    },
    /// It refuses, and will again.
    #[error("the endpoint refuses (HTTP {status}): {message}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// What it says.
        message: String,
    },
    /// It failed inside.
    #[error("the endpoint failed (HTTP {status}): {message}")]
    Broken {
        /// HTTP status.
        status: u16,
        /// What it says.
        message: String,
    },
    /// It sends its callers elsewhere, where the key does not follow.
    #[error("the endpoint redirects to {location}; give that address if it can be trusted with the key")]
    Redirected {
        /// Where to.
        location: String,
    },
    /// Ended by [`crate::Stop`].
    #[error("stopped")]
    Stopped,
    /// The time for everything is spent.
    #[error("the time budget is spent")]
    OutOfTime,
}

impl ChatError {
    /// True where the same request may yet succeed.
    pub(crate) fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. }
                | Self::TimedOut { .. }
                | Self::Cut
                | Self::Garbage { .. }
                | Self::Busy { .. }
                | Self::Broken { .. }
        )
    }

    /// True where the endpoint works and it is this very request that gets no answer: too long a reply, too long a
    /// conversation. Asking for something else may well succeed.
    pub fn is_about_the_request(&self) -> bool {
        matches!(self, Self::TooLarge { .. } | Self::Refused { status: 400 | 413 | 422, .. })
    }
}

/// Why a call gave no answer, after how many requests.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{error} ({attempts} request(s))")]
pub struct Failed {
    /// The last failure.
    pub error: ChatError,
    /// Requests made; 0 when the call was stopped before the first.
    pub attempts: u32,
}
