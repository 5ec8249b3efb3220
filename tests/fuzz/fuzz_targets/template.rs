//! Any text as a chat template.
#![no_main]

use frugal_model::template::{ChatTemplate, Conversation};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|source: &str| {
    if let Ok(template) = ChatTemplate::new(source) {
        let _ = template.render(&Conversation::default());
    }
});
