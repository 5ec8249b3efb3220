//! Moving between pages without a reload.
//!
//! Three addresses need no router library: this one is a signal, two listeners and a match.

use frugal_ui::Route;
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlAnchorElement;

use crate::site;

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
