//! What stands in a result beside its rows: models, heat map, trace, single problems.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

use crate::Cell;

#[wasm_bindgen]
extern "C" {
    /// The module that `app/web/boot/start.js` fetches on first use.
    #[wasm_bindgen(js_namespace = frugal, js_name = loadReport, catch)]
    async fn load_report() -> Result<JsValue, JsValue>;

    type Module;
    #[wasm_bindgen(method, catch)]
    fn read(this: &Module, json: &str) -> Result<JsValue, JsValue>;

    /// A result that is read. A handle.
    #[derive(Clone)]
    pub type Report;
    #[wasm_bindgen(method)]
    fn overview(this: &Report, host: &HtmlElement);
    #[wasm_bindgen(method)]
    fn detail(this: &Report, host: &HtmlElement, task_id: &str, model: u32, sample: u32);
}

/// A result on show, once what draws it has come.
pub type ReportSignal = RwSignal<Option<Report>, LocalStorage>;

/// Reads a report that the worker has checked, and puts it into `shown`; says when it cannot be drawn.
pub fn show_report(json: String, shown: ReportSignal, on_failed: Callback<()>) {
    wasm_bindgen_futures::spawn_local(async move {
        let module = load_report().await.map(JsValue::unchecked_into::<Module>);
        match module.and_then(|module| module.read(&json)) {
            // The page may have been left meanwhile.
            Ok(report) => drop(shown.try_set(Some(report.unchecked_into()))),
            Err(_) => drop(on_failed.try_run(())),
        }
    });
}

/// A part of the page that `draw` fills as soon as there is a report, and that is empty without one.
fn drawn(report: ReportSignal, draw: impl Fn(&Report, &HtmlElement) + 'static) -> NodeRef<html::Div> {
    let host = NodeRef::<html::Div>::new();
    Effect::new(move |_| match (host.get(), report.get()) {
        (Some(host), Some(report)) => draw(&report, &host),
        (Some(host), None) => host.replace_children_with_node_0(),
        (None, _) => {}
    });
    host
}

/// What stands above the rows.
#[component]
pub fn ReportOverview(
    /// On show.
    report: ReportSignal,
) -> impl IntoView {
    let host = drawn(report, |report, host| report.overview(host));
    view! { <div class="report" data-testid="report" node_ref=host></div> }
}

/// One problem, with a sample of it marked.
#[component]
pub fn ReportDetail(
    /// On show.
    report: ReportSignal,
    /// Which.
    cell: Cell,
) -> impl IntoView {
    let host = drawn(report, move |report, host| report.detail(host, &cell.0, cell.1, cell.2));
    view! { <div data-testid="detail" node_ref=host></div> }
}
