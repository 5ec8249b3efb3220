//! How the cost grows: the same call over doubling sizes, exact counts, and the exponent that fits them.

use frugal_report::OutcomeKind;
use frugal_score::growth;
use frugal_ui::figure::{grouped, ratio_text};
use frugal_ui::shared::{flag, live, press, text, typed};
use frugal_ui::{Chart, LimitsFields, Lines, outcome_words};
use frugal_wire::{Input, JobId, Limits, Program};
use leptos::prelude::*;

use super::TITLES;
use super::state::State;
use crate::engine::{Engine, JobEvent};
use crate::site;

/// The letter that stands for the size in the arguments.
const SIZE: char = 'n';
/// Most sizes of one sweep.
const SIZES_MAX: usize = 24;

/// One call of one solution.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Count {
    /// Not made, because a smaller size did not finish.
    Left,
    /// Under way or waiting.
    Waiting,
    /// Net fuel, in units.
    Fuel(u64),
    /// It ended otherwise; the outcome's name.
    Ended(String),
}

impl Count {
    /// Net fuel of a call that finished, to draw and to fit.
    #[expect(clippy::cast_precision_loss, reason = "the table has every digit")]
    fn fuel(&self) -> Option<f64> {
        match self {
            Self::Fuel(fuel) => Some(*fuel as f64),
            Self::Left | Self::Waiting | Self::Ended(_) => None,
        }
    }
}

/// A sweep. A handle.
#[derive(Clone, Copy)]
struct Sweep {
    state: State,
    engine: Engine,
    template: RwSignal<String>,
    from: RwSignal<String>,
    to: RwSignal<String>,
    problem: RwSignal<Option<String>>,
    /// Sizes, each with the counts of the solutions.
    rows: RwSignal<Vec<(u64, Vec<Count>)>>,
    job: StoredValue<Option<JobId>>,
    /// Counts up with each sweep; what an earlier one still has to say is not shown.
    round: StoredValue<u32>,
    working: RwSignal<bool>,
}

/// What every call of a sweep shares.
#[derive(Clone)]
struct Plan {
    programs: Vec<Program>,
    template: String,
    limits: Limits,
    round: u32,
}

impl Sweep {
    fn start(self) {
        match untrack(|| self.plan()) {
            Err(message) => self.problem.set(Some(message)),
            Ok((plan, sizes)) => {
                self.problem.set(None);
                let waiting = vec![Count::Waiting; plan.programs.len()];
                self.rows.set(sizes.into_iter().map(|size| (size, waiting.clone())).collect());
                self.working.set(true);
                self.next(plan);
            }
        }
    }

    fn plan(self) -> Result<(Plan, Vec<u64>), String> {
        let number = |signal: RwSignal<String>, name: &str| {
            let value = signal.with(|typed| typed.trim().parse::<u64>());
            value.ok().filter(|value| *value > 0).ok_or(format!("`{name}` is a whole number above 0."))
        };
        let (from, to) = (number(self.from, "From")?, number(self.to, "To")?);
        let sizes: Vec<u64> =
            std::iter::successors(Some(from), |size| size.checked_mul(2)).take_while(|size| *size <= to).collect();
        if sizes.len() < 2 {
            return Err("`To` is at least twice `From`: two sizes are the fewest that show growth.".into());
        }
        if sizes.len() > SIZES_MAX {
            return Err(format!("That is {} sizes; {SIZES_MAX} are the most. Begin higher.", sizes.len()));
        }
        let template = self.template.get();
        if filled(&template, 1) == template {
            return Err(format!("Write the letter {SIZE} where the size goes, such as [{SIZE}]."));
        }
        let limits = self.state.limits.with(LimitsFields::limits);
        let limits = limits.map_err(|(field, message)| format!("Limit `{field}`: {message}"))?;
        let programs = (0..self.state.open_panes()).map(|index| self.state.program(index)).collect();
        let round = self.round.try_update_value(|round| {
            *round = round.wrapping_add(1);
            *round
        });
        Ok((Plan { programs, template, limits, round: round.unwrap_or_default() }, sizes))
    }

    /// Makes the first call that waits. A solution that did not finish is not asked for more.
    fn next(self, plan: Plan) {
        let place = self.rows.with_untracked(|rows| {
            let waits = |counts: &Vec<Count>| counts.iter().position(|count| *count == Count::Waiting);
            rows.iter().enumerate().find_map(|(row, (size, counts))| waits(counts).map(|pane| (row, pane, *size)))
        });
        let Some((row, pane, size)) = place else {
            self.working.set(false);
            return;
        };
        let mut program = plan.programs[pane].clone();
        if let Input::Call { arguments_json, .. } = &mut program.input {
            *arguments_json = filled(&plan.template, size);
        }
        let limits = plan.limits;
        let listener = Callback::new(move |event| {
            if self.round.try_get_value() != Some(plan.round) {
                return;
            }
            let count = match event {
                JobEvent::Run(view, _) if view.outcome == OutcomeKind::Finished => Count::Fuel(view.net_fuel),
                JobEvent::Run(view, _) => Count::Ended(outcome_words(&view).1.to_owned()),
                JobEvent::Failed(message, hint) => {
                    self.problem.set(Some(format!("{message} {hint}")));
                    Count::Ended("not run".into())
                }
                JobEvent::Cancelled => Count::Left,
                JobEvent::Progress(..) | JobEvent::Row(_) | JobEvent::Evaluation(_) => return,
            };
            let goes_on = matches!(count, Count::Fuel(_));
            self.rows.update(|rows| {
                rows[row].1[pane] = count;
                if !goes_on {
                    rows[row + 1..].iter_mut().for_each(|(_, counts)| counts[pane] = Count::Left);
                }
            });
            self.next(plan.clone());
        });
        self.job.set_value(Some(self.engine.run(program, limits, false, listener)));
    }

    fn stop(self) {
        self.round.update_value(|round| *round = round.wrapping_add(1));
        if let Some(job) = self.job.try_update_value(Option::take).flatten() {
            self.engine.cancel(job);
        }
        self.working.set(false);
        self.rows.update(|rows| {
            let waiting = rows.iter_mut().flat_map(|(_, counts)| counts).filter(|count| **count == Count::Waiting);
            waiting.for_each(|count| *count = Count::Left);
        });
    }

    /// Sizes and fuel of the calls of solution `pane` that finished.
    fn points(self, pane: usize) -> (Vec<f64>, Vec<f64>) {
        #[expect(clippy::cast_precision_loss, reason = "a slope needs no last digit; the table has every one")]
        let point = |(size, counts): &(u64, Vec<Count>)| Some((*size as f64, counts.get(pane)?.fuel()?));
        self.rows.with(|rows| rows.iter().filter_map(point).unzip())
    }

    fn solutions(self) -> usize {
        self.rows.with(|rows| rows.first().map_or(0, |(_, counts)| counts.len()))
    }

    fn lines(self) -> Lines {
        let costs = |rows: &[&(u64, Vec<Count>)], pane: usize| {
            rows.iter().map(|(_, counts)| counts[pane].fuel().unwrap_or(f64::NAN)).collect()
        };
        self.rows.with(|rows| {
            // One solution may go on where the other did not finish.
            let any: Vec<_> =
                rows.iter().filter(|(_, counts)| counts.iter().any(|count| count.fuel().is_some())).collect();
            let solutions = rows.first().map_or(0, |(_, counts)| counts.len());
            #[expect(clippy::cast_precision_loss, reason = "an axis needs no last digit")]
            let sizes = any.iter().map(|(size, _)| *size as f64).collect();
            Lines { sizes, lines: (0..solutions).map(|pane| (TITLES[pane], costs(&any, pane))).collect() }
        })
    }

    /// What the fit of solution `pane` says.
    fn sentence(self, pane: usize) -> Option<String> {
        let (sizes, fuel) = self.points(pane);
        let fit = growth(&sizes, &fuel).ok()?;
        let interval = if fit.high.is_finite() {
            format!(" (95\u{202f}% interval {:.2} to {:.2})", fit.low, fit.high)
        } else {
            String::new()
        };
        Some(format!(
            "{}: fuel grows like {SIZE}^{:.2}{interval}; over the last doubling like {SIZE}^{:.2}.",
            TITLES[pane], fit.exponent, fit.last
        ))
    }

    fn csv(self) -> String {
        let cell = |count: &Count| match count {
            Count::Fuel(fuel) => fuel.to_string(),
            Count::Ended(outcome) => outcome.clone(),
            Count::Left | Count::Waiting => String::new(),
        };
        let line = |size: &str, cells: Vec<String>| format!("{size},{}\r\n", cells.join(","));
        self.rows.with_untracked(|rows| {
            let titles = TITLES.iter().take(rows.first().map_or(0, |(_, counts)| counts.len()));
            let head = line("n", titles.map(|title| format!("{title} net fuel")).collect());
            let body = rows.iter().map(|(size, counts)| line(&size.to_string(), counts.iter().map(cell).collect()));
            std::iter::once(head).chain(body).collect()
        })
    }
}

/// `template` with the size in the place of every `n` that stands alone.
fn filled(template: &str, size: u64) -> String {
    let letters: Vec<char> = template.chars().collect();
    let is_word =
        |at: Option<&char>| at.is_some_and(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '"' | '\\'));
    let mut out = String::with_capacity(template.len());
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        if *letter == SIZE && !is_word(before) && !is_word(letters.get(at + 1)) {
            out.push_str(&size.to_string());
        } else {
            out.push(*letter);
        }
    }
    out
}

/// The folded panel below the results.
#[component]
pub(super) fn Growth(state: State) -> impl IntoView {
    let engine = expect_context::<Engine>();
    let sweep = Sweep {
        state,
        engine,
        template: RwSignal::new(format!("[{SIZE}]")),
        from: RwSignal::new("16".into()),
        to: RwSignal::new("1024".into()),
        problem: RwSignal::default(),
        rows: RwSignal::default(),
        job: StoredValue::new(None),
        round: StoredValue::new(0),
        working: RwSignal::default(),
    };
    on_cleanup(move || sweep.stop());
    let field = move |id: &'static str, label: &'static str, value: RwSignal<String>| {
        view! {
            <div class="field">
                <label for=id>{label}</label>
                <input
                    id=id
                    class="code"
                    data-testid=id
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=text(move || value.get())
                    on:input=typed(move |text| value.set(text))
                />
            </div>
        }
    };
    let whole_program = move || matches!(state.program(0).input, Input::Stdin { .. });
    let none = move || sweep.rows.with(Vec::is_empty);
    view! {
        <details class="growth" data-testid="growth" hidden=flag(whole_program)>
            <summary>"How the cost grows"</summary>
            <p class="small muted">
                "Calls the function with sizes that double, and fits a power to the exact counts. Write n where the size goes."
            </p>
            <div class="row growth-fields">
                {field("growth-arguments", "Arguments with n", sweep.template)}
                {field("growth-from", "From", sweep.from)}
                {field("growth-to", "To", sweep.to)}
                <button type="button" data-testid="growth-run" disabled=flag(move || sweep.working.get()) on:click=press(move || sweep.start())>
                    "Measure growth"
                </button>
                <button type="button" data-testid="growth-stop" disabled=flag(move || !sweep.working.get()) on:click=press(move || sweep.stop())>
                    "Stop"
                </button>
                <button
                    type="button"
                    data-testid="growth-csv"
                    disabled=flag(none)
                    on:click=press(move || site::save("frugal-growth.csv", "text/csv", &sweep.csv()))
                >
                    "Export CSV"
                </button>
            </div>
            {live(move || sweep.problem.get().map(|message| view! { <p class="notice bad" role="alert" data-testid="growth-problem">{message}</p> }))}
            <p role="status" data-testid="growth-fit" data-complete=text(move || (!none() && !sweep.working.get()).to_string())>
                {text(move || (0..sweep.solutions()).filter_map(|pane| sweep.sentence(pane)).collect::<Vec<_>>().join(" "))}
            </p>
            <Chart lines=Signal::derive(move || sweep.lines()) size_label="n" cost_label="net fuel" />
            {live(move || (!none()).then(|| table(sweep)))}
        </details>
    }
}

fn table(sweep: Sweep) -> impl IntoView {
    let rows = sweep.rows.get();
    let solutions = sweep.solutions();
    let row = move |(size, counts): (u64, Vec<Count>)| {
        let ratio = match counts[..] {
            [Count::Fuel(a), Count::Fuel(b)] => ratio_text(a, b),
            _ => None,
        };
        let cell = |count: Count| match count {
            Count::Fuel(fuel) => grouped(fuel),
            Count::Ended(outcome) => outcome,
            Count::Waiting => "…".into(),
            Count::Left => "–".into(),
        };
        let cells = counts.into_iter().map(|count| view! { <td class="number">{cell(count)}</td> }).collect_view();
        let last = (solutions == 2).then(|| view! { <td class="number">{ratio.unwrap_or_else(|| "–".into())}</td> });
        view! { <tr><th scope="row" class="number">{grouped(size)}</th>{cells}{last}</tr> }
    };
    let titles =
        TITLES.iter().take(solutions).map(|title| view! { <th scope="col">{*title}", net fuel"</th> }).collect_view();
    view! {
        <table class="growth-table" data-testid="growth-table">
            <thead><tr><th scope="col">"n"</th>{titles}{(solutions == 2).then(|| view! { <th scope="col">"A : B"</th> })}</tr></thead>
            <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
        </table>
    }
}
