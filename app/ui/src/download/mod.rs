//! A guest on its way: how much, out of how much.

use frugal_wire::GuestStage;
use leptos::prelude::*;

use crate::figure::bytes_text;
use crate::shared::live;

/// A guest's download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DownloadView {
    /// Such as `python`.
    pub language: String,
    /// What is going on.
    pub stage: GuestStage,
    /// Arrived, in bytes.
    pub received_bytes: u64,
    /// In all, in bytes; 0 while unknown.
    pub total_bytes: u64,
}

impl DownloadView {
    /// One line for people and screen readers.
    pub fn text(&self) -> String {
        let total = bytes_text(self.total_bytes);
        match self.stage {
            GuestStage::Fetching => {
                format!("Fetching {}: {} of {total}", self.language, bytes_text(self.received_bytes))
            }
            GuestStage::Reading => format!("Reading {} from this browser's storage", self.language),
            GuestStage::Compiling => format!("Compiling {} ({total}), once per visit", self.language),
            GuestStage::Ready => format!("{} is ready", self.language),
        }
    }
}

/// Progress of a download, as a bar and as text.
#[component]
pub fn Download(
    /// What is on its way; nothing is drawn for `None` or a guest that is ready.
    #[prop(into)]
    view: Signal<Option<DownloadView>>,
) -> impl IntoView {
    let shown = move || view.get().filter(|view| view.stage != GuestStage::Ready);
    live(move || {
        shown().map(|download| {
            let known = download.stage == GuestStage::Fetching && download.total_bytes > 0;
            view! {
                <div class="download" data-testid="download">
                    <span>{download.text()}</span>
                    {if known {
                        view! {
                            <progress
                                aria-label="Download"
                                max=download.total_bytes.to_string()
                                value=download.received_bytes.to_string()
                            ></progress>
                        }
                            .into_any()
                    } else {
                        view! { <progress aria-label="Preparing"></progress> }.into_any()
                    }}
                </div>
            }
        })
    })
}
