//! Any bytes as a `tokenizer.json`; what follows the last line break is a text for it.
#![no_main]

use frugal_model::tokenizer::Tokenizer;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let at = data.iter().rposition(|&byte| byte == b'\n').unwrap_or(data.len());
    let (file, text) = data.split_at(at);
    let Ok(tokenizer) = Tokenizer::from_json(file) else { return };
    let Ok(ids) = tokenizer.encode_bytes(text, true) else { return };
    let _ = tokenizer.decode(&ids, true);
    let mut stream = tokenizer.stream(false);
    for id in ids {
        let _ = stream.push(id);
    }
    stream.finish();
});
