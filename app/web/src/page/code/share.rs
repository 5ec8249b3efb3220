//! The share link: everything on the page in its fragment, its size said before it is sent.

use frugal_ui::figure::bytes_text;
use frugal_ui::shared::{live, press, text};
use leptos::prelude::*;

use super::state::State;
use crate::site;

/// A button that opens the link, its size, and a button that copies it.
#[component]
pub(super) fn Share(
    /// What the link holds.
    state: State,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let copied = RwSignal::new(None::<bool>);
    let link = Memo::new(move |_| open.get().then(|| state.fragment()));
    let panel = move || {
        link.get().map(|link| match link {
            Ok(fragment) => {
                let url = site::share_url(&fragment);
                let size = u64::try_from(url.len()).unwrap_or(u64::MAX);
                let address = url.clone();
                let copy = move || {
                    let address = address.clone();
                    wasm_bindgen_futures::spawn_local(async move {
                        let done = site::copy(&address).await.is_ok();
                        let _ = copied.try_set(Some(done));
                    });
                };
                view! {
                    <div class="share-panel panel">
                        <label for="share-link">
                            "This link holds the code, the input and the limits: "
                            <span data-testid="share-size">{bytes_text(size)}</span> ". Nothing is stored anywhere else."
                        </label>
                        <div class="row share-row">
                            <input id="share-link" class="code" readonly data-testid="share-link" prop:value=url />
                            <button type="button" data-testid="share-copy" on:click=press(copy)>
                                {text(move || if copied.get() == Some(true) { "Copied" } else { "Copy" })}
                            </button>
                        </div>
                        <p class="small muted" role="status">
                            {text(move || if copied.get() == Some(false) { "The browser refused; select the link and copy it by hand." } else { "" })}
                        </p>
                    </div>
                }
                .into_any()
            }
            Err(error) => view! {
                <p class="notice warn" role="alert" data-testid="share-problem">{error}</p>
            }
            .into_any(),
        })
    };
    let toggle = move || {
        copied.set(None);
        open.update(|open| *open = !*open);
    };
    view! {
        <button
            type="button"
            class="quiet"
            data-testid="share"
            aria-expanded=text(move || open.get().to_string())
            on:click=press(toggle)
        >
            "Share"
        </button>
        {live(panel)}
    }
}
