//! Verdict and cost of every sample.

mod order;

use std::collections::HashMap;

use frugal_report::{Verdict, printable};
use frugal_wire::EvaluationRow;
use leptos::prelude::*;

pub use self::order::{Column, Order};
use crate::figure::grouped;
use crate::shared::{flag, live, press, text, typed};

/// Rows drawn at first and with each press on `Show more`: a table of many thousand rows would stall the page.
const ROWS_STEP: usize = 200;

/// Which sample of which problem.
pub type Cell = (String, u32);

/// A second measurement of one cell in this tab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Again {
    /// Under way.
    Working,
    /// Its net fuel, and whether verdict and fuel are equal to the first.
    Done {
        /// In units.
        net_fuel: u64,
        /// The same to the unit.
        equal: bool,
    },
    /// It could not be measured.
    Failed(String),
}

/// A mark and words for a verdict: never by colour alone.
pub fn verdict_words(verdict: Verdict) -> (&'static str, &'static str, &'static str) {
    match verdict {
        Verdict::Passed => ("✓", "passed", "good"),
        Verdict::OutOfFuel => ("■", "out of fuel", "warn"),
        Verdict::OutOfMemory => ("■", "out of memory", "warn"),
        Verdict::Overflow => ("■", "overflow", "warn"),
        Verdict::WrongOutput => ("✕", "wrong answer", "bad"),
        Verdict::Error => ("✕", "error", "bad"),
        Verdict::InfrastructureFailure => ("!", "not measured", "warn"),
        Verdict::Pending => ("…", "not reached", "muted"),
    }
}

/// A sortable table of samples.
#[component]
pub fn ResultsTable(
    /// In any order.
    #[prop(into)]
    rows: Signal<Vec<EvaluationRow>>,
    /// Second measurements.
    #[prop(into)]
    again: Signal<HashMap<Cell, Again>>,
    /// Asked for when a cell is to be measured again here.
    on_again: Callback<Cell>,
    /// Whether a cell can be measured now.
    #[prop(into)]
    can_run: Signal<bool>,
) -> impl IntoView {
    let order = RwSignal::new(Order { column: Column::Problem, descending: false });
    let shown_max = RwSignal::new(ROWS_STEP);
    let wanted = RwSignal::new(String::new());
    let matching = Memo::new(move |_| {
        let mut all = rows.get();
        wanted.with(|wanted| {
            all.retain(|row| has(&row.task_id, wanted.trim()) || has(verdict_words(row.verdict).1, wanted.trim()));
        });
        all
    });
    let shown = Memo::new(move |_| {
        let mut all = matching.get();
        order.get().sort(&mut all);
        all.truncate(shown_max.get());
        all
    });
    let head = move |column, title, name, class| head_cell(order, column, title, name, class);
    let hidden = move || matching.with(Vec::len).saturating_sub(shown_max.get());
    let found = move || match (matching.with(Vec::len), rows.with(Vec::len)) {
        (found, all) if found == all => format!("{all} samples"),
        (found, all) => format!("{found} of {all} samples"),
    };
    view! {
            <div class="row results-filter">
                <label for="results-filter">"Show only"</label>
                <input
                    id="results-filter"
                    type="search"
                    placeholder="a problem or a verdict"
                    data-testid="results-filter"
                    autocomplete="off"
                    on:input=typed(move |text| wanted.set(text))
                />
                <span class="small muted" role="status" data-testid="results-found">{text(found)}</span>
            </div>
            <div class="results-table" role="region" aria-label="Samples" tabindex="0">
                <table data-testid="results-table">
                    <thead>
                        <tr>
                            {head(Column::Problem, "Problem, sample", "problem", "")}
                            {head(Column::Verdict, "Verdict", "verdict", "")}
                            {head(Column::Efficiency, "Efficiency", "efficiency", "figure")}
                            {head(Column::Fuel, "Net fuel", "fuel", "figure")}
                            {head(Column::Ratio, "Cost to reference", "ratio", "figure")}
                            <th scope="col">"Run this cell here"</th>
                        </tr>
                    </thead>
                    <tbody>
    {live(move || {
                            let row = |row| body_row(row, again, on_again, can_run);
                            shown.get().into_iter().map(row).collect_view()
                        })}
                    </tbody>
                </table>
            </div>
            <button
                type="button"
                hidden=flag(move || hidden() == 0)
                data-testid="show-more"
                on:click=press(move || shown_max.update(|shown| *shown += ROWS_STEP))
            >
                {text(move || format!("Show more ({} hidden)", hidden()))}
            </button>
        }
}

/// Whether a text holds `wanted`, upper and lower case alike. Bytes, because the tables of Unicode weigh kilobytes.
fn has(text: &str, wanted: &str) -> bool {
    wanted.is_empty() || text.as_bytes().windows(wanted.len()).any(|part| part.eq_ignore_ascii_case(wanted.as_bytes()))
}

/// A column's head: its title, which sorts by it, and the order in force.
fn head_cell(
    order: RwSignal<Order>,
    column: Column,
    title: &'static str,
    name: &'static str,
    class: &'static str,
) -> impl IntoView {
    let sorted = move || {
        let order = order.get();
        (order.column == column).then_some(if order.descending { "descending" } else { "ascending" })
    };
    let arrow = move || match sorted() {
        Some("descending") => "↓",
        Some(_) => "↑",
        None => "",
    };
    view! {
        <th scope="col" class=class aria-sort=sorted>
            <button
                type="button"
                class="quiet"
                data-testid=format!("sort-{name}")
                on:click=press(move || order.update(|order| *order = order.pressed(column)))
            >
                {title}
                " "
                <span aria-hidden="true" class="arrow">{text(arrow)}</span>
            </button>
        </th>
    }
}

fn body_row(
    row: EvaluationRow,
    again: Signal<HashMap<Cell, Again>>,
    on_again: Callback<Cell>,
    can_run: Signal<bool>,
) -> impl IntoView {
    let (mark, words, class) = verdict_words(row.verdict);
    let cell: Cell = (row.task_id.clone(), row.sample);
    let mine = {
        let cell = cell.clone();
        Memo::new(move |_| again.with(|all| all.get(&cell).cloned()))
    };
    let ratio = row.cost_ratio.map_or_else(|| "–".into(), |ratio| format!("{ratio:.3}"));
    let result = move || match mine.get() {
        None => view! { <span></span> }.into_any(),
        Some(Again::Working) => view! { <span class="muted">"running…"</span> }.into_any(),
        Some(Again::Failed(message)) => view! { <span class="bad">{printable(&message)}</span> }.into_any(),
        Some(Again::Done { net_fuel, equal }) => {
            let words = if equal { "= equal" } else { "≠ different" };
            view! {
                <span class=if equal { "good" } else { "bad" } data-equal=equal.to_string()>
                    <span class="number">{grouped(net_fuel)}</span>
                    " "
                    {words}
                </span>
            }
            .into_any()
        }
    };
    view! {
        <tr data-testid="row" data-verdict=row.verdict.name() data-task=row.task_id.clone() data-sample=row.sample.to_string()>
            <th scope="row">
                {printable(&row.task_id)} <span class="muted">" #" {row.sample}</span>
            </th>
            <td>
                <span class=format!("verdict {class}")>
                    <span aria-hidden="true">{mark}</span>
                    " "
                    {words}
                </span>
                {row.message.as_deref().map(|message| view! { <span class="row-message">{printable(message)}</span> })}
            </td>
            <td class="figure number">{format!("{:.3}", row.efficiency)}</td>
            <td class="figure number" data-fuel=row.net_fuel.to_string()>{grouped(row.net_fuel)}</td>
            <td class="figure number">{ratio}</td>
            <td class="again">
                <button
                    type="button"
                    class="quiet"
                    data-testid="again"
                    disabled=flag(move || !can_run.get())
                    aria-label=format!("Run {} sample {} here", row.task_id, row.sample)
                    on:click=press(move || on_again.run(cell.clone()))
                >
                    "Run"
                </button>
                {live(result)}
            </td>
        </tr>
    }
}
