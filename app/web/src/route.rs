//! Which page an address means, and moving between pages without a reload.
//!
//! Three addresses need no router library: this one is a signal, two listeners and a match.

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlAnchorElement;

use crate::site;

/// A page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    /// Write, run, compare.
    Code,
    /// Problems and samples.
    Bench,
    /// An address that leads nowhere.
    Missing,
}

impl Route {
    /// The page of a path; `base` is what stands before every route, without a slash at its end.
    fn of(path: &str, base: &str) -> Self {
        let Some(rest) = path.strip_prefix(base) else { return Self::Missing };
        match rest.trim_end_matches("index.html").trim_matches('/') {
            "" | "code" => Self::Code,
            "bench" => Self::Bench,
            _ => Self::Missing,
        }
    }

    /// The name used in tests and in the navigation; empty for [`Route::Missing`].
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Bench => "bench",
            Self::Missing => "",
        }
    }

    /// The document's title.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Code => "Code: what it costs · Frugal",
            Self::Bench => "Bench: what solutions cost · Frugal",
            Self::Missing => "Not found · Frugal",
        }
    }
}

fn here() -> Route {
    Route::of(&window().location().pathname().unwrap_or_default(), &site::base_path())
}

/// The page shown; follows links, Back and Forward until the owner is gone.
pub(crate) fn use_route() -> Memo<Route> {
    let route = RwSignal::new(here());
    let clicks = window_event_listener(leptos::ev::click, move |event| {
        if let Some(address) = link_of(&event)
            && let Ok(history) = window().history()
            && history.push_state_with_url(&JsValue::NULL, "", Some(&address)).is_ok()
        {
            event.prevent_default();
            route.set(here());
            window().scroll_to_with_x_and_y(0.0, 0.0);
            site::focus_main();
        }
    });
    let moves = window_event_listener(leptos::ev::popstate, move |_| route.set(here()));
    on_cleanup(move || {
        clicks.remove();
        moves.remove();
    });
    Memo::new(move |_| route.get())
}

/// The address of a plain click on a link to a page of ours; everything else is the browser's.
fn link_of(event: &MouseEvent) -> Option<String> {
    let modified = event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key();
    if event.default_prevented() || event.button() != 0 || modified {
        return None;
    }
    let element = event.target()?.dyn_into::<web_sys::Element>().ok()?;
    let link = element.closest("a[href]").ok()??.dyn_into::<HtmlAnchorElement>().ok()?;
    let ours =
        link.origin() == window().location().origin().ok()? && link.target().is_empty() && link.download().is_empty();
    let known = Route::of(&link.pathname(), &site::base_path()) != Route::Missing;
    (ours && known && link.hash().is_empty()).then(|| link.href())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_pages() {
        for (path, base, want) in [
            ("/", "", Route::Code),
            ("/code", "", Route::Code),
            ("/code/", "", Route::Code),
            ("/frugal/", "/frugal", Route::Code),
            ("/frugal/bench/", "/frugal", Route::Bench),
            ("/frugal/bench/index.html", "/frugal", Route::Bench),
            ("/frugal/elsewhere", "/frugal", Route::Missing),
            ("/bench", "/frugal", Route::Missing),
        ] {
            assert_eq!(Route::of(path, base), want, "{path} under {base:?}");
        }
    }
}
