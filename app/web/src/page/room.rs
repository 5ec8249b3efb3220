//! Room for a page whose module comes when a person goes there.

use frugal_ui::shared::live;
use js_sys::{Function, Reflect};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::site;

/// Calls an export of a page's module.
async fn call(page: &str, name: &str, argument: &JsValue) -> Result<JsValue, JsValue> {
    let module = JsFuture::from(site::page_module(page)).await?;
    let function: Function = Reflect::get(&module, &name.into())?.dyn_into()?;
    function.call1(&JsValue::UNDEFINED, argument)
}

/// The room: says that the page is on its way, then holds it.
#[component]
pub(crate) fn Room(
    /// The page's name, as `app/web/boot/start.js` knows it.
    page: &'static str,
) -> impl IntoView {
    let room = NodeRef::<html::Div>::new();
    let stand = RwSignal::new(Some(Ok("Fetching this page …")));
    Effect::new(move |_| {
        let Some(room) = room.get() else { return };
        spawn_local(async move {
            let mounted = call(page, "mount", &room).await;
            let _ = stand.try_set(match mounted {
                Ok(_) => None,
                Err(_) => {
                    Some(Err("This part of the page could not be fetched. Check the connection, then open it again."))
                }
            });
        });
    });
    on_cleanup(move || {
        spawn_local(async move {
            // Nothing to take away where nothing came.
            let _ = call(page, "unmount", &JsValue::UNDEFINED).await;
        });
    });
    view! {
        {live(move || match stand.get() {
            Some(Ok(words)) => view! { <p class="lede" role="status">{words}</p> }.into_any(),
            Some(Err(words)) => view! { <p class="notice bad" role="alert">{words}</p> }.into_any(),
            None => ().into_any(),
        })}
        <div node_ref=room></div>
    }
}
