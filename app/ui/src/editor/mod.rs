//! The code editor: a plain text area at once, the real editor when its module has arrived.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

use crate::shared::{self, flag, typed};

#[wasm_bindgen]
extern "C" {
    /// The module that `app/web/boot/start.js` fetches on first use.
    #[wasm_bindgen(js_namespace = frugal, js_name = loadEditor, catch)]
    async fn load_editor() -> Result<JsValue, JsValue>;

    type Module;
    #[wasm_bindgen(method, catch)]
    fn create(
        this: &Module,
        host: &HtmlElement,
        text: &str,
        language: &str,
        label: &str,
        changed: &js_sys::Function,
    ) -> Result<Handle, JsValue>;

    #[derive(Clone)]
    type Handle;
    #[wasm_bindgen(method, js_name = setText)]
    fn set_text(this: &Handle, text: &str);
    #[wasm_bindgen(method, js_name = setLanguage)]
    fn set_language(this: &Handle, language: &str);
    #[wasm_bindgen(method, js_name = setCosts)]
    fn set_costs(this: &Handle, report: &str);
    #[wasm_bindgen(method, js_name = setWriting)]
    fn set_writing(this: &Handle, writing: bool);
    #[wasm_bindgen(method)]
    fn destroy(this: &Handle);
}

/// A code editor for one source.
#[component]
pub fn Editor(
    /// The source; changes from outside replace the text.
    #[prop(into)]
    text: Signal<String>,
    /// `python`, `javascript` or `wat`, for highlighting.
    #[prop(into)]
    language: Signal<&'static str>,
    /// Accessible name, such as `Solution A`.
    label: &'static str,
    /// Distinguishes the element for tests: `editor-<name>`.
    name: &'static str,
    /// A run report whose profile stands beside the lines; empty for none. An edit takes it away.
    #[prop(into)]
    costs: Signal<String>,
    /// Whether something else writes: the person cannot meanwhile, and all of it becomes one step of Undo.
    #[prop(into)]
    writing: Signal<bool>,
    /// Called with the whole text after each edit.
    on_change: Callback<String>,
) -> impl IntoView {
    let host = NodeRef::<html::Div>::new();
    let handle = StoredValue::new_local(None::<Handle>);
    let ready = RwSignal::new(false);

    Effect::new(move |_| {
        let Some(host) = host.get() else { return };
        wasm_bindgen_futures::spawn_local(async move {
            // Without the module (an old network, a blocked script) the text area stays and does the job.
            let Ok(module) = load_editor().await else { return };
            let (Some(first), Some(spoken)) = (text.try_get_untracked(), language.try_get_untracked()) else { return };
            let changed = Closure::<dyn FnMut(String)>::new(move |next| {
                on_change.try_run(next);
            })
            .into_js_value();
            let created =
                module.unchecked_into::<Module>().create(&host, &first, spoken, label, changed.unchecked_ref());
            if let Ok(created) = created {
                handle.set_value(Some(created));
                ready.set(true);
            }
        });
    });
    follow(handle, ready, move |handle| hold(handle, &text.get(), writing.get()));
    follow(handle, ready, move |handle| handle.set_language(language.get()));
    follow(handle, ready, move |handle| handle.set_costs(&costs.get()));
    on_cleanup(move || {
        if let Some(handle) = handle.try_update_value(Option::take).flatten() {
            handle.destroy();
        }
    });

    view! {
        <div class="editor" data-testid=format!("editor-{name}") data-ready=shared::text(move || ready.get().to_string())>
            <div class="editor-host" node_ref=host hidden=flag(move || !ready.get())></div>
            <textarea
                class="code editor-plain"
                aria-label=label
                spellcheck="false"
                autocapitalize="off"
                hidden=flag(move || ready.get())
                readonly=flag(move || writing.get())
                prop:value=shared::text(move || text.get())
                on:input=typed(move |text| on_change.run(text))
            ></textarea>
        </div>
    }
}

/// Gives the editor its text. What something else wrote is whole before it becomes a step of Undo.
fn hold(handle: &Handle, text: &str, writing: bool) {
    if writing {
        handle.set_writing(true);
    }
    handle.set_text(text);
    if !writing {
        handle.set_writing(false);
    }
}

/// Tells the editor, once it is there, whatever `tell` reads, and again when that changes.
fn follow(handle: StoredValue<Option<Handle>, LocalStorage>, ready: RwSignal<bool>, tell: impl Fn(&Handle) + 'static) {
    Effect::new(move |_| {
        if ready.get()
            && let Some(handle) = handle.get_value()
        {
            tell(&handle);
        }
    });
}
