//! Lines over two logarithmic axes. The table beside it is what says the same to everyone.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

use crate::shared::text;

#[wasm_bindgen]
extern "C" {
    /// The module that `app/web/boot/start.js` fetches on first use.
    #[wasm_bindgen(js_namespace = frugal, js_name = loadChart, catch)]
    async fn load_chart() -> Result<JsValue, JsValue>;

    type Module;
    #[wasm_bindgen(method, catch)]
    fn draw(
        this: &Module,
        host: &HtmlElement,
        sizes: &js_sys::Float64Array,
        names: &js_sys::Array,
        series: &js_sys::Array,
        size_label: &str,
        cost_label: &str,
    ) -> Result<Drawn, JsValue>;

    type Drawn;
    #[wasm_bindgen(method)]
    fn destroy(this: &Drawn);
}

/// What a chart shows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lines {
    /// Positive, rising.
    pub sizes: Vec<f64>,
    /// Name and costs of each line, as many as sizes; NaN where there is none.
    pub lines: Vec<(&'static str, Vec<f64>)>,
}

/// A chart of costs over sizes. Nothing is drawn below two sizes, and where the module does not come.
#[component]
pub fn Chart(
    /// What it shows; drawn anew with each change.
    #[prop(into)]
    lines: Signal<Lines>,
    /// Name of the lower axis.
    size_label: &'static str,
    /// Name of the left axis, with its unit.
    cost_label: &'static str,
) -> impl IntoView {
    let host = NodeRef::<html::Div>::new();
    let drawn = StoredValue::new_local(None::<Drawn>);
    let clear = move || {
        if let Some(old) = drawn.try_update_value(Option::take).flatten() {
            old.destroy();
        }
    };
    Effect::new(move |_| {
        let (Some(host), now) = (host.get(), lines.get()) else { return };
        if now.sizes.len() < 2 {
            clear();
            return;
        }
        wasm_bindgen_futures::spawn_local(async move {
            let Ok(module) = load_chart().await else { return };
            // Another change may have come while the module did.
            if lines.try_get_untracked().as_ref() != Some(&now) {
                return;
            }
            clear();
            let names: js_sys::Array = now.lines.iter().map(|(name, _)| JsValue::from_str(name)).collect();
            let numbers = |values: &[f64]| js_sys::Float64Array::from(values);
            let series: js_sys::Array = now.lines.iter().map(|(_, costs)| JsValue::from(numbers(costs))).collect();
            let module = module.unchecked_into::<Module>();
            let made = module.draw(&host, &numbers(&now.sizes), &names, &series, size_label, cost_label);
            drawn.try_set_value(made.ok());
        });
    });
    on_cleanup(clear);
    view! { <div class="chart" aria-hidden="true" data-testid="chart" data-sizes=text(move || lines.with(|lines| lines.sizes.len().to_string())) node_ref=host></div> }
}
