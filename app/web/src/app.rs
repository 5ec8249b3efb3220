//! The frame around the pages: routes, header, theme, and the note that a new version is ready.

use frugal_ui::shared::{flag, live, press};
use frugal_ui::{Footer, Header, NavItem, Route, SkipLink, Theme};
use leptos::prelude::*;

use crate::engine::Engine;
use crate::page::{Code, Missing, Room};
use crate::route::use_route;
use crate::server::{self, Health};
use crate::site;

const THEME_KEY: &str = "frugal-theme";

/// The server beside this page; `None` until it answered, and where there is none.
#[derive(Clone, Copy)]
pub(crate) struct ServerHealth(pub(crate) RwSignal<Option<Health>>);

/// Everything.
#[component]
pub(super) fn App() -> impl IntoView {
    let engine = Engine::new();
    provide_context(engine);
    let health = RwSignal::new(None);
    provide_context(ServerHealth(health));
    wasm_bindgen_futures::spawn_local(async move { health.set(server::health().await) });
    let base = site::base_path();
    let route = use_route();
    site::on_first_sign(move || {
        if route.get_untracked() == Route::Code {
            engine.wake();
        }
    });
    Effect::new(move |_| document().set_title(route.get().title()));
    let items = vec![
        NavItem { title: "Code", href: format!("{base}/code/"), id: "code" },
        NavItem { title: "Bench", href: format!("{base}/bench/"), id: "bench" },
        NavItem { title: "Model", href: format!("{base}/model/"), id: "model" },
    ];
    let home = format!("{base}/");
    let (theme, on_theme) = use_theme();
    let page = {
        let home = home.clone();
        live(move || match route.get() {
            Route::Code => view! { <Code /> }.into_any(),
            Route::Bench => view! { <Room page="bench" /> }.into_any(),
            Route::Model => view! { <Room page="model" /> }.into_any(),
            Route::Missing => view! { <Missing home=home.clone() /> }.into_any(),
        })
    };
    view! {
        <SkipLink on_skip=Callback::new(|()| site::focus_main()) />
        <Header home items current=Signal::derive(move || route.get().name()) theme on_theme />
        <NewVersion />
        <main id="main" tabindex="-1">
            {page}
        </main>
        <Footer version=env!("CARGO_PKG_VERSION") />
    }
}

/// The theme in force and the wish for the next one; kept for the next visit.
fn use_theme() -> (RwSignal<Theme>, Callback<()>) {
    let theme = RwSignal::new(Theme::from_name(&site::load(THEME_KEY).unwrap_or_default()));
    let on_theme = Callback::new(move |()| {
        let next = theme.get_untracked().next();
        theme.set(next);
        let Some(root) = document().document_element() else { return };
        if next == Theme::System {
            site::forget(THEME_KEY);
            let _ = root.remove_attribute("data-theme");
        } else {
            site::store(THEME_KEY, next.name());
            let _ = root.set_attribute("data-theme", next.name());
        }
    });
    (theme, on_theme)
}

/// Says when another version of the page has been fetched and waits.
#[component]
fn NewVersion() -> impl IntoView {
    // It may have been found before this page could listen.
    let ready = RwSignal::new(site::version_ready());
    let handle = window_event_listener_untyped("frugal-version-ready", move |_| ready.set(true));
    on_cleanup(move || handle.remove());
    view! {
        <div class="new-version notice" role="status" hidden=flag(move || !ready.get()) data-testid="new-version">
            "A new version of this page is ready. "
            <button type="button" on:click=press(site::switch_version) data-testid="switch-version">"Switch to it"</button>
        </div>
    }
}
