//! Opening a program from a file.

use std::fmt::Write as _;

use frugal_wire::Language;
use leptos::html;
use leptos::prelude::*;
use web_sys::File;

use super::run::Control;
use super::state::State;
use crate::site;

/// Largest file the editor takes, in bytes.
const FILE_MAX_BYTES: usize = 1 << 20;
/// Bytes of a binary module on one line of its text.
const LINE_BYTES: usize = 32;

/// What a file's name says it is.
enum Kind {
    Text(Language),
    Module,
}

fn kind(name: &str) -> Option<Kind> {
    let (_, ending) = name.rsplit_once('.')?;
    Some(match ending.to_ascii_lowercase().as_str() {
        "py" => Kind::Text(Language::Python),
        "js" | "mjs" => Kind::Text(Language::Javascript),
        "wat" => Kind::Text(Language::Wat),
        "wasm" => Kind::Module,
        _ => return None,
    })
}

/// A binary module in the text format, byte for byte: what runs, is shared and is sent to a server is that module.
fn binary_text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 3 + bytes.len() / LINE_BYTES * 5 + 32);
    text.push_str("(module binary");
    for line in bytes.chunks(LINE_BYTES) {
        text.push_str("\n  \"");
        for byte in line {
            // Writing to a String cannot fail.
            let _ = write!(text, "\\{byte:02x}");
        }
        text.push('"');
    }
    text.push_str(")\n");
    text
}

/// The program in a file, or why it cannot be opened.
fn program(name: &str, bytes: Vec<u8>) -> Result<(Language, String), String> {
    let kind =
        kind(name).ok_or_else(|| format!("{name}: choose a file that ends in .py, .js, .mjs, .wat or .wasm."))?;
    if bytes.len() > FILE_MAX_BYTES {
        let size = bytes.len();
        return Err(format!(
            "{name} has {size} bytes, above the {FILE_MAX_BYTES} that the editor takes; use `frugal run`."
        ));
    }
    match kind {
        Kind::Module => Ok((Language::Wat, binary_text(&bytes))),
        Kind::Text(language) => {
            let text = String::from_utf8(bytes).map_err(|_| format!("{name} is not text in UTF-8; save it so."))?;
            Ok((language, text))
        }
    }
}

async fn open(file: File, state: State, control: Control) {
    let name = file.name();
    let opened = match site::read(&file).await {
        Ok(bytes) => program(&name, bytes),
        Err(_) => Err(format!("The browser could not read {name}. Choose it again.")),
    };
    match opened {
        Ok((language, source)) => {
            control.leave();
            let _ = control.problem.try_set(None);
            state.open_source(language, source);
        }
        Err(message) => {
            let _ = control.problem.try_set(Some(message));
        }
    }
}

/// Chooses a file for the first pane: source text, or a binary module.
#[component]
pub(super) fn OpenFile(state: State, control: Control) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let chosen = move |_| {
        let Some(input) = input.get_untracked() else { return };
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            wasm_bindgen_futures::spawn_local(open(file, state, control));
        }
        // So that choosing the same file again, edited meanwhile, is noticed.
        input.set_value("");
    };
    view! {
        <label class="button file-button" title="A source file, or a binary WebAssembly module">
            "Open a file"
            <input
                type="file"
                accept=".py,.js,.mjs,.wat,.wasm"
                data-testid="open-file"
                node_ref=input
                on:change=chosen
            />
        </label>
    }
}
