//! Verdict and cost of every sample.

mod order;

use std::collections::{HashMap, HashSet};

use frugal_report::{Verdict, printable};
use frugal_wire::EvaluationRow;
use leptos::prelude::*;

pub use self::order::{Column, Order};
use crate::figure::grouped;
use crate::report::{ReportDetail, ReportSignal};
use crate::shared::{flag, live, press, text, typed};

/// Rows drawn at first and with each press on `Show more`: a table of many thousand rows would stall the page.
const ROWS_STEP: usize = 200;

/// The choice of every row that did not pass.
const FAILED: &str = "failed";

/// Which sample: problem, position of the model, position among the model's samples.
pub type Cell = (String, u32, u32);

/// Where a row stands.
pub fn cell_of(row: &EvaluationRow) -> Cell {
    (row.task_id.clone(), row.model, row.sample)
}

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
    /// Why no cell can be measured, or what is missing for it; empty when there is nothing to say.
    #[prop(into)]
    again_note: Signal<String>,
    /// What the suite calls a sample's score.
    #[prop(into)]
    score_name: Signal<String>,
    /// What an opened row shows its problem from; rows open once it is there.
    report: ReportSignal,
) -> impl IntoView {
    let order = RwSignal::new(Order { column: Column::Problem, descending: false });
    let shown_max = RwSignal::new(ROWS_STEP);
    let (wanted, kind) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let matching = Memo::new(move |_| {
        let mut all = rows.get();
        wanted.with(|wanted| kind.with(|kind| all.retain(|row| matches_filter(row, wanted.trim(), kind))));
        all
    });
    let shown = Memo::new(move |_| {
        let mut all = matching.get();
        order.get().sort(&mut all);
        all.truncate(shown_max.get());
        all
    });
    let head = move |column, title: &'static str, name, class| head_cell(order, column, move || title, name, class);
    let opened = RwSignal::new(HashSet::<Cell>::new());
    let hidden = move || matching.with(Vec::len).saturating_sub(shown_max.get());
    let found = move || match (matching.with(Vec::len), rows.with(Vec::len)) {
        (found, all) if found == all => format!("{all} samples"),
        (found, all) => format!("{found} of {all} samples"),
    };
    view! {
            <p class="small muted" data-testid="again-note" hidden=flag(move || again_note.with(String::is_empty))>{text(move || again_note.get())}</p>
            <div class="row results-filter">
                <label for="results-filter">"Show only"</label>
                <input
                    id="results-filter"
                    type="search"
                    placeholder="a problem, model or verdict"
                    data-testid="results-filter"
                    autocomplete="off"
                    on:input=typed(move |text| wanted.set(text))
                />
                {kind_choice(rows, kind)}
                {model_order(rows, order)}
                <span class="small muted" role="status" data-testid="results-found">{text(found)}</span>
            </div>
            <div class="results-table" role="region" aria-label="Samples" tabindex="0">
                <table data-testid="results-table">
                    <thead>
                        <tr>
                            {head(Column::Problem, "Problem, sample", "problem", "")}
                            {head(Column::Verdict, "Verdict", "verdict", "")}
                            {head_cell(order, Column::Score, move || score_name.get(), "score", "figure")}
                            {head(Column::Fuel, "Net fuel", "fuel", "figure")}
                            {head(Column::Ratio, "Cost to reference", "ratio", "figure")}
                            <th scope="col">"Run this cell here"</th>
                        </tr>
                    </thead>
                    <tbody>
    {live(move || {
                            let row = |row| body_row(row, Parts { again, on_again, can_run, opened, report });
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

/// Whether a row is of the wanted kind, and its problem, model or verdict holds the wanted text.
fn matches_filter(row: &EvaluationRow, wanted: &str, kind: &str) -> bool {
    let of_kind = match kind {
        "" => true,
        FAILED => !row.passed,
        kind => row.verdict.name() == kind,
    };
    let in_model = row.model_name.as_ref().is_some_and(|name| has(name, wanted));
    of_kind && (has(&row.task_id, wanted) || has(verdict_words(row.verdict).1, wanted) || in_model)
}

/// The choice of a verdict, among those that occur.
fn kind_choice(rows: Signal<Vec<EvaluationRow>>, kind: RwSignal<String>) -> impl IntoView {
    let kinds = Memo::new(move |_| {
        let mut kinds: Vec<Verdict> = Vec::new();
        rows.with(|rows| {
            for row in rows {
                if !row.passed && !kinds.contains(&row.verdict) {
                    kinds.push(row.verdict);
                }
            }
        });
        kinds.sort_by_key(|kind| kind.name());
        kinds
    });
    let options = move || {
        let option = |kind: Verdict| view! { <option value=kind.name()>{verdict_words(kind).1}</option> };
        kinds.get().into_iter().map(option).collect_view()
    };
    view! {
        <select aria-label="Verdict" data-testid="results-kind" on:change=typed(move |value| kind.set(value))>
            <option value="">"every verdict"</option>
            <option value=FAILED>"all that failed"</option>
            {live(options)}
        </select>
    }
}

/// Where several models are compared: the order that puts the rows of each together.
fn model_order(rows: Signal<Vec<EvaluationRow>>, order: RwSignal<Order>) -> impl IntoView {
    let compared = Memo::new(move |_| rows.with(|rows| rows.iter().any(|row| row.model_name.is_some())));
    let by_model = move || order.get().column == Column::Model;
    view! {
        <button
            type="button"
            data-testid="sort-model"
            hidden=flag(move || !compared.get())
            aria-pressed=text(move || by_model().to_string())
            on:click=press(move || order.update(|order| *order = order.pressed(Column::Model)))
        >
            {text(move || if by_model() && order.get().descending { "By model ↓" } else { "By model" })}
        </button>
    }
}

/// Whether a text holds `wanted`, upper and lower case alike. Bytes, because the tables of Unicode weigh kilobytes.
fn has(text: &str, wanted: &str) -> bool {
    wanted.is_empty() || text.as_bytes().windows(wanted.len()).any(|part| part.eq_ignore_ascii_case(wanted.as_bytes()))
}

/// A column's head: its title, which sorts by it, and the order in force.
fn head_cell<S: Into<String>>(
    order: RwSignal<Order>,
    column: Column,
    title: impl FnMut() -> S + Send + 'static,
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
                {text(title)}
                " "
                <span aria-hidden="true" class="arrow">{text(arrow)}</span>
            </button>
        </th>
    }
}

/// What every row shares.
#[derive(Clone, Copy)]
struct Parts {
    again: Signal<HashMap<Cell, Again>>,
    on_again: Callback<Cell>,
    can_run: Signal<bool>,
    opened: RwSignal<HashSet<Cell>>,
    report: ReportSignal,
}

fn body_row(row: EvaluationRow, parts: Parts) -> impl IntoView {
    let Parts { again, on_again, can_run, opened, report } = parts;
    let (mark, words, class) = verdict_words(row.verdict);
    let cell = cell_of(&row);
    let mine = {
        let cell = cell.clone();
        Memo::new(move |_| again.with(|all| all.get(&cell).cloned()))
    };
    let is_open = {
        let cell = cell.clone();
        Memo::new(move |_| opened.with(|all| all.contains(&cell)))
    };
    let score = row.score.map_or_else(|| "–".into(), |score| format!("{score:.3}"));
    let ratio = row.cost_ratio.map_or_else(|| "–".into(), |ratio| format!("{ratio:.3}"));
    let shown = cell.clone();
    view! {
        <tr
            data-testid="row"
            data-verdict=row.verdict.name()
            data-task=row.task_id.clone()
            data-model=row.model.to_string()
            data-sample=row.sample.to_string()
        >
            <th scope="row">{opener(&row, is_open, opened, report)}</th>
            <td>
                <span class=format!("verdict {class}")>
                    <span aria-hidden="true">{mark}</span>
                    " "
                    {words}
                </span>
                {row.message.as_deref().map(|message| view! { <span class="row-message">{printable(message)}</span> })}
            </td>
            <td class="figure number">{score}</td>
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
                {live(move || again_result(mine.get()))}
            </td>
        </tr>
        {live(move || {
            is_open.get().then(|| {
                view! { <tr class="row-detail"><td colspan="6"><ReportDetail report cell=shown.clone() /></td></tr> }
            })
        })}
    }
}

/// A row's name, which opens and closes its problem.
fn opener(
    row: &EvaluationRow,
    is_open: Memo<bool>,
    opened: RwSignal<HashSet<Cell>>,
    report: ReportSignal,
) -> impl IntoView + use<> {
    let (cell, sample) = (cell_of(row), row.sample);
    let turn = move || {
        opened.update(|all| {
            if !all.remove(&cell) {
                all.insert(cell.clone());
            }
        });
    };
    let name = match &row.model_name {
        Some(model) => format!("{} · {} ", printable(&row.task_id), printable(model)),
        None => printable(&row.task_id) + " ",
    };
    view! {
        <button
            type="button"
            class="quiet opener"
            data-testid="open-row"
            aria-expanded=text(move || is_open.get().to_string())
            disabled=flag(move || report.with(Option::is_none))
            on:click=press(turn)
        >
            {name}
            <span class="muted">"#" {sample}</span>
        </button>
    }
}

fn again_result(again: Option<Again>) -> impl IntoView {
    match again {
        None => ().into_any(),
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
    }
}
