//! The Bench page: a file of problems, a file of solutions, and what the solutions cost.

use std::collections::HashMap;

use frugal_report::printable;
use frugal_ui::figure::wall_text;
use frugal_ui::results_table::cell_of;
use frugal_ui::shared::{flag, live, press};
use frugal_ui::{Again, Cell, Download, DropZone, Metrics, ReportOverview, ReportSignal, ResultsTable, show_report};
use frugal_wire::{EvaluationOptions, EvaluationRow, EvaluationSummary, ExportFile, InputFile, JobId};
use leptos::prelude::*;
use web_sys::File;

use crate::engine::{Engine, JobEvent};
use crate::site;

/// Rows are shown in batches this often, in milliseconds: each drawing sorts the table.
const BATCH_MS: u64 = 120;

/// Where the benchmark stands.
#[derive(Debug, Clone, PartialEq)]
enum Stage {
    Idle,
    Working { done: u32, total: u32, note: String },
    Done(Box<EvaluationSummary>),
    Stopped,
    Failed(String),
}

/// Everything on the page. A handle.
#[derive(Clone, Copy)]
struct State {
    engine: Engine,
    problems: RwSignal<Option<InputFile>>,
    samples: RwSignal<Option<InputFile>>,
    stored: RwSignal<Option<InputFile>>,
    k: RwSignal<String>,
    problems_max: RwSignal<String>,
    stage: RwSignal<Stage>,
    rows: RwSignal<Vec<EvaluationRow>>,
    arriving: StoredValue<Vec<EvaluationRow>>,
    again: RwSignal<HashMap<Cell, Again>>,
    job: StoredValue<Option<JobId>>,
    /// Jobs that measure one cell again.
    again_jobs: StoredValue<Vec<JobId>>,
    problem: RwSignal<Option<String>>,
    score_name: RwSignal<String>,
    /// Why no cell of the result on show can be measured here; empty where one can.
    again_refused: RwSignal<String>,
    /// What is drawn of the result on show; comes a little after its figures.
    report: ReportSignal,
}

impl State {
    fn new(engine: Engine) -> Self {
        Self {
            engine,
            problems: RwSignal::default(),
            samples: RwSignal::default(),
            stored: RwSignal::default(),
            k: RwSignal::new("1".into()),
            problems_max: RwSignal::default(),
            stage: RwSignal::new(Stage::Idle),
            rows: RwSignal::default(),
            arriving: StoredValue::new(Vec::new()),
            again: RwSignal::default(),
            job: StoredValue::new(None),
            again_jobs: StoredValue::new(Vec::new()),
            problem: RwSignal::default(),
            score_name: RwSignal::default(),
            again_refused: RwSignal::default(),
            report: RwSignal::new_local(None),
        }
    }

    fn is_working(self) -> bool {
        self.stage.with(|stage| matches!(stage, Stage::Working { .. }))
    }

    fn options(self) -> Result<EvaluationOptions, String> {
        let k = self.k.with_untracked(|text| {
            let parts = text.split([',', ' ']).filter(|part| !part.is_empty());
            parts.map(|part| part.parse::<u32>().ok().filter(|k| *k > 0)).collect::<Option<Vec<_>>>()
        });
        let k = k.ok_or("Type k as whole numbers above 0, such as 1, 10.")?;
        let max = self.problems_max.with_untracked(|text| text.trim().to_owned());
        let problems_max = if max.is_empty() {
            None
        } else {
            Some(
                max.parse::<u32>()
                    .ok()
                    .filter(|max| *max > 0)
                    .ok_or("Type a whole number of problems, or nothing for all.")?,
            )
        };
        Ok(EvaluationOptions { k, problems_max, ..EvaluationOptions::default() })
    }

    fn run(self) {
        let files = self.problems.get_untracked().zip(self.samples.get_untracked());
        let Some((problems, samples)) = files else {
            self.problem.set(Some("Choose problems and samples first, or use the demonstration set.".into()));
            return;
        };
        let options = match self.options() {
            Ok(options) => options,
            Err(message) => {
                self.problem.set(Some(message));
                return;
            }
        };
        self.stored.set(None);
        site::clear_fragment();
        self.begin("Starting");
        let job = self.engine.evaluate(problems, samples, options, Callback::new(move |event| self.hear(event)));
        self.job.set_value(Some(job));
    }

    /// Shows a stored result in place of what stands here.
    fn open(self, file: InputFile) {
        if self.is_working() {
            self.problem.set(Some("Stop the run first, then open a result.".into()));
            return;
        }
        self.begin("Reading");
        let job = self.engine.open(file, Callback::new(move |event| self.hear(event)));
        self.job.set_value(Some(job));
    }

    fn begin(self, note: &str) {
        self.problem.set(None);
        self.rows.set(Vec::new());
        self.again.set(HashMap::new());
        self.report.set(None);
        self.score_name.set("Efficiency".into());
        self.again_refused.set(String::new());
        self.stage.set(Stage::Working { done: 0, total: 0, note: note.into() });
    }

    /// Whether there are files to measure a cell from.
    fn has_files(self) -> bool {
        self.problems.with(Option::is_some) && self.samples.with(Option::is_some)
    }

    /// What stands above the table about measuring a cell here.
    fn again_note(self) -> String {
        let refused = self.again_refused.get();
        if refused.is_empty() && !self.has_files() {
            "To run a cell here, choose the files of problems and samples that this result was made from.".into()
        } else {
            refused
        }
    }

    fn can_run_cells(self) -> bool {
        !self.is_working() && self.has_files() && self.again_refused.with(String::is_empty)
    }

    fn stop(self) {
        let again = self.again_jobs.try_update_value(std::mem::take).unwrap_or_default();
        for job in self.job.try_update_value(Option::take).flatten().into_iter().chain(again) {
            self.engine.cancel(job);
        }
    }

    fn hear(self, event: JobEvent) {
        match event {
            JobEvent::Progress(done, total, note) => self.stage.set(Stage::Working { done, total, note }),
            JobEvent::Row(row) => self.arrive(row),
            JobEvent::Evaluation(summary) => {
                self.show_arrived();
                self.score_name.set(summary.score_name.clone());
                self.again_refused.set(summary.again_refused.clone());
                let undrawn = "The part of this page that draws results could not be fetched. Check the connection, \
                               then open the result again.";
                let on_failed = Callback::new(move |()| self.problem.set(Some(undrawn.into())));
                show_report(summary.report_json.clone(), self.report, on_failed);
                self.stage.set(Stage::Done(summary));
            }
            JobEvent::Cancelled => self.stage.set(Stage::Stopped),
            JobEvent::Failed(message, hint) => self.stage.set(Stage::Failed(format!("{message} {hint}"))),
            JobEvent::Run(..) => {}
        }
    }

    /// Collects rows, and shows them all together a little later.
    fn arrive(self, row: EvaluationRow) {
        let first = self
            .arriving
            .try_update_value(|rows| {
                rows.push(row);
                rows.len() == 1
            })
            .unwrap_or(false);
        if first {
            set_timeout(move || self.show_arrived(), std::time::Duration::from_millis(BATCH_MS));
        }
    }

    fn show_arrived(self) {
        let arrived = self.arriving.try_update_value(std::mem::take).unwrap_or_default();
        if !arrived.is_empty() {
            // The page may have been left meanwhile.
            self.rows.try_update(|rows| rows.extend(arrived));
        }
    }

    /// Measures one cell again, from the same files.
    fn run_again(self, cell: Cell) {
        let files = self.problems.get_untracked().zip(self.samples.get_untracked());
        let (Some((problems, samples)), Ok(options)) = (files, self.options()) else { return };
        let first = self
            .rows
            .with_untracked(|rows| rows.iter().find(|row| cell_of(row) == cell).map(|row| (row.verdict, row.net_fuel)));
        let options = EvaluationOptions { subset: vec![cell.0.clone()], problems_max: None, ..options };
        let put = move |cell: &Cell, again: Again| {
            self.again.try_update(|all| all.insert(cell.clone(), again));
        };
        put(&cell, Again::Working);
        let job = self.engine.evaluate(
            problems,
            samples,
            options,
            Callback::new(move |event| match event {
                JobEvent::Row(row) if cell_of(&row) == cell => {
                    let equal = first == Some((row.verdict, row.net_fuel));
                    put(&cell, Again::Done { net_fuel: row.net_fuel, equal });
                }
                JobEvent::Failed(message, hint) => put(&cell, Again::Failed(format!("{message} {hint}"))),
                JobEvent::Cancelled => put(&cell, Again::Failed("stopped".into())),
                JobEvent::Evaluation(_) if self.again.with_untracked(|all| all.get(&cell) == Some(&Again::Working)) => {
                    put(&cell, Again::Failed("stopped".into()));
                }
                _ => {}
            }),
        );
        self.again_jobs.update_value(|jobs| jobs.push(job));
    }
}

/// The page.
#[component]
pub(crate) fn Bench() -> impl IntoView {
    let engine = Engine::new();
    site::on_first_sign(move || engine.wake());
    let state = State::new(engine);
    site::on_key(move |event| {
        if event.key() == "Escape" && state.is_working() {
            state.stop();
        }
    });
    let links = window_event_listener(leptos::ev::hashchange, move |_| open_linked(state));
    open_linked(state);
    on_cleanup(move || {
        links.remove();
        engine.close();
    });
    view! {
        <h1>"What do these solutions cost?"</h1>
        <p class="lede">
            "Give a file of problems and a file of solutions. This tab runs them all and says how many are correct, how "
            "many are also efficient, and what each one costs: the same figures on every machine."
        </p>
        <Inputs state />
        <Download view=engine.download />
        <Stand state />
        <ReportOverview report=state.report />
        <Table state />
    }
}

/// Reads a file of the person's.
fn take(file: File, into: RwSignal<Option<InputFile>>, problem: RwSignal<Option<String>>) {
    wasm_bindgen_futures::spawn_local(async move {
        let name = file.name();
        match site::read(&file).await {
            Ok(bytes) => {
                let _ = into.try_set(Some(InputFile { name, bytes }));
            }
            Err(_) => {
                let _ = problem.try_set(Some(format!("The browser could not read {name}. Choose it again.")));
            }
        }
    });
}

/// Fetches the stored result that the address names, if it names one, and shows it.
fn open_linked(state: State) {
    let Some(address) = site::linked_result() else { return };
    wasm_bindgen_futures::spawn_local(async move {
        let Some(bytes) = site::fetch_bytes(&address).await else {
            let message = format!(
                "The result could not be fetched from {}. Check the address, and that its host lets other pages read it.",
                printable(&address)
            );
            let _ = state.problem.try_set(Some(message));
            return;
        };
        let name = address.rsplit('/').next().unwrap_or_default().to_owned();
        let _ = state.stored.try_set(Some(InputFile { name, bytes }));
    });
}

/// A link to this page with a stored result.
fn example(testid: &'static str, title: &'static str, path: &'static str) -> impl IntoView {
    view! { <a href=format!("{}bench/#open={path}", site::base_url()) data-testid=testid>{title}</a> }
}

/// Fetches the shipped set and runs it.
fn demonstrate(state: State) {
    wasm_bindgen_futures::spawn_local(async move {
        for (name, into) in [("problems.csv", state.problems), ("samples.json", state.samples)] {
            match site::fetch_bytes(&format!("problems/demo/{name}")).await {
                Some(bytes) => {
                    let _ = into.try_set(Some(InputFile { name: name.into(), bytes }));
                }
                None => {
                    let message = "The demonstration set could not be fetched. Check the connection, then try again.";
                    let _ = state.problem.try_set(Some(message.into()));
                    return;
                }
            }
        }
        if state.problem.try_set(None).is_none() {
            state.run();
        }
    });
}

/// The files and options.
#[component]
fn Inputs(state: State) -> impl IntoView {
    let held = |file: RwSignal<Option<InputFile>>| {
        Signal::derive(move || {
            let size = |file: &InputFile| (file.name.clone(), u64::try_from(file.bytes.len()).unwrap_or(u64::MAX));
            file.with(|file| file.as_ref().map(size))
        })
    };
    let working = Memo::new(move |_| state.is_working());
    Effect::new(move |_| {
        if let Some(file) = state.stored.get() {
            untrack(|| state.open(file));
        }
    });
    view! {
        <div class="bench-files">
            <DropZone
                label="Problems"
                formats="ENAMEL's enamel.csv"
                accept=".csv"
                name="problems"
                held=held(state.problems)
                on_file=Callback::new(move |file| take(file, state.problems, state.problem))
            />
            <DropZone
                label="Samples"
                formats="ENAMEL JSON, or EvalPlus JSONL"
                accept=".json,.jsonl"
                name="samples"
                held=held(state.samples)
                on_file=Callback::new(move |file| take(file, state.samples, state.problem))
            />
            <DropZone
                label="Or a stored result"
                formats="JSON from frugal eval or optimize --out, or exported here"
                accept=".json"
                name="stored"
                held=held(state.stored)
                on_file=Callback::new(move |file| {
                    site::clear_fragment();
                    take(file, state.stored, state.problem);
                })
            />
        </div>
        <p class="small muted">
            "Or look at a stored result: "
            {example("example-comparison", "four solvers compared", "problems/stored/comparison.json")}
            " (no models: our own solutions, some with planted faults), "
            {example("example-trace", "how a model was led to a cheaper program", "problems/stored/trace.json")}
            " (no model: a scripted endpoint gave its answers)."
        </p>
        <div class="call">
            <div class="field">
                <label for="k">"k, numbers of samples drawn"</label>
                <input id="k" class="code" data-testid="k" autocomplete="off" bind:value=state.k />
            </div>
            <div class="field">
                <label for="problems-max">"Only the first problems"</label>
                <input
                    id="problems-max"
                    class="code"
                    inputmode="numeric"
                    placeholder="all"
                    data-testid="problems-max"
                    autocomplete="off"
                    bind:value=state.problems_max
                />
            </div>
            <div class="row call-buttons">
                <button type="button" class="primary" data-testid="run" disabled=working on:click=press(move || state.run())>
                    "Run"
                </button>
                <button type="button" data-testid="stop" disabled=flag(move || !working.get()) on:click=press(move || state.stop())>
                    "Stop" <kbd aria-hidden="true">"Esc"</kbd>
                </button>
                <button type="button" data-testid="demo" disabled=working on:click=press(move || demonstrate(state))>"Run the demonstration set"</button>
            </div>
        </div>
        {live(move || {
            state.problem.get().map(|text| view! { <p class="notice bad" role="alert" data-testid="bench-problem">{text}</p> })
        })}
    }
}

/// Progress, scores, export.
#[component]
fn Stand(state: State) -> impl IntoView {
    live(move || {
        match state.stage.get() {
        Stage::Idle => ().into_any(),
        Stage::Working { done, total, note } => view! {
            <div class="bench-progress" data-testid="progress">
                <span role="status">{note} {(total > 0).then(|| format!(": {done} of {total}"))}</span>
                {if total > 0 {
                    view! { <progress aria-label="Benchmark" max=total.to_string() value=done.to_string()></progress> }.into_any()
                } else {
                    view! { <progress aria-label="Benchmark"></progress> }.into_any()
                }}
            </div>
        }
        .into_any(),
        Stage::Stopped => view! { <p class="notice" role="status">"Stopped before the first sample was judged."</p> }.into_any(),
        Stage::Failed(message) => {
            view! { <p class="notice bad" role="alert" data-testid="bench-failed">{message}</p> }.into_any()
        }
        Stage::Done(summary) => done(*summary).into_any(),
    }
    })
}

fn done(summary: EvaluationSummary) -> impl IntoView {
    let EvaluationSummary { metrics, notices, complete, wall_ms, report_json, exports, .. } = summary;
    let notice = |text: String| view! { <li>{text}</li> };
    let json = ExportFile { title: "JSON".into(), ending: "json".into(), text: report_json };
    view! {
        <section class="panel bench-scores" data-testid="scores" data-complete=complete.to_string() aria-label="Scores">
            {(!metrics.is_empty()).then(|| view! { <Metrics metrics=Signal::derive(move || metrics.clone()) /> })}
            <ul class="small muted" role="status">
                {notices.into_iter().map(notice).collect_view()}
                <li>"Wall time " <span class="number">{wall_text(wall_ms)}</span></li>
            </ul>
            <div class="row">{std::iter::once(json).chain(exports).map(export).collect_view()}</div>
        </section>
    }
}

/// A button that hands a file to the person.
fn export(file: ExportFile) -> impl IntoView {
    let ExportFile { title, ending, text } = file;
    let testid = format!("export-{ending}");
    let save = move || site::save(&format!("frugal-result.{ending}"), "application/octet-stream", &text);
    view! { <button type="button" data-testid=testid on:click=press(save)>{format!("Export {title}")}</button> }
}

/// The samples.
#[component]
fn Table(state: State) -> impl IntoView {
    let any = Memo::new(move |_| state.rows.with(|rows| !rows.is_empty()));
    view! {
        <Show when=move || any.get()>
            <ResultsTable
                rows=state.rows
                again=state.again
                on_again=Callback::new(move |cell| state.run_again(cell))
                can_run=Signal::derive(move || state.can_run_cells())
                again_note=Signal::derive(move || state.again_note())
                score_name=state.score_name
                report=state.report
            />
        </Show>
    }
}
