//! The scores of a benchmark.

use frugal_wire::Metric;
use leptos::prelude::*;

use crate::shared::live;

/// A score with four decimals; an absent one as a dash.
pub fn metric_text(value: Option<f64>) -> String {
    value.map_or_else(|| "–".into(), |value| format!("{value:.4}"))
}

/// Scores side by side, each with its name and, where it has one, its 95 % interval.
#[component]
pub fn Metrics(
    /// In the report's order.
    #[prop(into)]
    metrics: Signal<Vec<Metric>>,
) -> impl IntoView {
    let one = |metric: Metric| {
        view! {
            <div>
                <dt>{metric.name.clone()}</dt>
                <dd class="number" data-testid=format!("metric-{}", metric.name)>{metric_text(metric.value)}</dd>
                {metric
                    .interval
                    .map(|[low, high]| {
                        view! {
                            <dd class="metric-interval number" data-testid=format!("interval-{}", metric.name)>
                                {format!("{low:.4} to {high:.4}")}
                            </dd>
                        }
                    })}
            </div>
        }
    };
    view! {
        <dl class="metrics" data-testid="metrics">
            {live(move || metrics.get().into_iter().map(one).collect_view())}
        </dl>
    }
}
