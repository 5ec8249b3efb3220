//! Two costs side by side.

use leptos::prelude::*;

use crate::figure::{grouped, ratio_text, saving_percent_text};
use crate::shared::live;

/// Two finished runs: which is cheaper, by how much, as words and as two bars.
#[component]
pub fn Comparison(
    /// Net fuel of A and B, in units; nothing is drawn until both have finished.
    #[prop(into)]
    fuel: Signal<Option<(u64, u64)>>,
) -> impl IntoView {
    live(move || {
        fuel.get().map(|(a, b)| {
            let (winner, loser, less, more) = if a <= b { ("A", "B", a, b) } else { ("B", "A", b, a) };
            let sentence = if a == b {
                format!("A and B cost the same: {} fuel.", grouped(a))
            } else {
                match (ratio_text(more, less), saving_percent_text(more, less)) {
                    (Some(ratio), Some(saving)) => {
                        format!("{winner} is {ratio} times cheaper than {loser}: it needs {saving}\u{202f}% less fuel.")
                    }
                    _ => format!("{winner} costs nothing; {loser} costs {} fuel.", grouped(more)),
                }
            };
            view! {
                <section class="comparison panel" data-testid="comparison" aria-label="Comparison">
                    <p class="comparison-sentence" data-testid="comparison-sentence">{sentence}</p>
                    <div class="comparison-bars">{bar("A", a, more)} {bar("B", b, more)}</div>
                    <p class="muted small comparison-ratio">
                        "A : B = " <span class="number" data-testid="ratio">{ratio_text(a, b)}</span> " : 1, difference "
                        <span class="number">{grouped(more - less)}</span> " fuel"
                    </p>
                </section>
            }
        })
    })
}

fn bar(name: &'static str, units: u64, longest: u64) -> impl IntoView {
    // Thousandths of the longest bar: an integer, so the drawing is exact too.
    let share = (u128::from(units) * 1_000).checked_div(u128::from(longest)).unwrap_or(0);
    view! {
        <div class="comparison-bar">
            <span>{name}</span>
            <meter aria-hidden="true" min="0" max="1000" value=share.to_string()></meter>
            <span class="number">{grouped(units)}</span>
        </div>
    }
}

/// The same program in two places: both integers, and whether they are equal.
#[component]
pub fn Agreement(
    /// Net fuel in this tab and on the server, in units.
    #[prop(into)]
    fuel: Signal<Option<(u64, u64)>>,
    /// Distinguishes the element for tests: `agreement-<name>`.
    name: &'static str,
) -> impl IntoView {
    live(move || {
        fuel.get().map(|(tab, server)| {
            let equal = tab == server;
            let (mark, words) = if equal { ("=", "equal, to the unit") } else { ("≠", "different") };
            view! {
                <p
                    class=if equal { "agreement equal" } else { "agreement different" }
                    data-testid=format!("agreement-{name}")
                    data-equal=equal.to_string()
                >
                    <span>"tab " <span class="number">{grouped(tab)}</span></span>
                    <strong aria-hidden="true">{mark}</strong>
                    <span>"server " <span class="number">{grouped(server)}</span></span>
                    <span class="agreement-words">{words}</span>
                </p>
            }
        })
    })
}
