//! A place to drop or choose one file.

use leptos::html;
use leptos::prelude::*;
use web_sys::{DragEvent, File};

use crate::figure::bytes_text;
use crate::shared::{self, flag};

/// Takes one file, by dropping or by choosing; says which it holds.
#[component]
pub fn DropZone(
    /// What belongs here, such as `Problems`.
    label: &'static str,
    /// Which formats are read.
    formats: &'static str,
    /// File endings offered by the chooser, such as `.csv`.
    accept: &'static str,
    /// Distinguishes the element for tests: `file-<name>`.
    name: &'static str,
    /// Name and size in bytes of the file held.
    #[prop(into)]
    held: Signal<Option<(String, u64)>>,
    /// A file was dropped or chosen.
    on_file: Callback<File>,
) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let over = RwSignal::new(false);
    let chosen = move |_| {
        if let Some(input) = input.get() {
            if let Some(file) = input.files().and_then(|files| files.get(0)) {
                on_file.run(file);
            }
            // So that choosing the same file again, edited meanwhile, is noticed.
            input.set_value("");
        }
    };
    let dropped = move |event: DragEvent| {
        event.prevent_default();
        over.set(false);
        if let Some(file) = event.data_transfer().and_then(|data| data.files()).and_then(|files| files.get(0)) {
            on_file.run(file);
        }
    };
    let text = move || match held.get() {
        Some((file, bytes)) => format!("{file}, {}", bytes_text(bytes)),
        None => "Drop a file here, or choose one".to_owned(),
    };
    view! {
        <div
            class="drop-zone"
            class:over=over
            class:held=flag(move || held.get().is_some())
            on:dragover=move |event: DragEvent| {
                event.prevent_default();
                over.set(true);
            }
            on:dragleave=move |_| over.set(false)
            on:drop=dropped
        >
            <label for=format!("file-{name}")>
                <strong>{label}</strong>
                <span class="drop-zone-formats">{formats}</span>
                <span class="drop-zone-held" data-testid=format!("held-{name}")>{shared::text(text)}</span>
            </label>
            <input
                type="file"
                id=format!("file-{name}")
                data-testid=format!("file-{name}")
                accept=accept
                node_ref=input
                on:change=chosen
            />
        </div>
    }
}
