//! View components: data comes in as props, wishes go out as callbacks.
//!
//! Nothing here fetches, stores, measures or knows where a run happens; the pages do. Each component is a
//! folder with its code and its style sheet. Tests find elements by `data-testid`.

pub mod chart;
pub mod comparison;
pub mod download;
pub mod drop_zone;
pub mod editor;
pub mod examples;
pub mod figure;
pub mod limits;
pub mod metrics;
pub mod outcome;
pub mod report;
pub mod results_table;
pub mod route;
pub mod run_result;
pub mod shared;
pub mod shell;

pub use chart::{Chart, Lines};
pub use comparison::{Agreement, Comparison};
pub use download::{Download, DownloadView};
pub use drop_zone::DropZone;
pub use editor::Editor;
pub use examples::{EXAMPLES, Example, Examples};
pub use limits::{LimitsFields, LimitsForm};
pub use metrics::{Metrics, metric_text};
pub use outcome::{Outcome, outcome_words};
pub use report::{Report, ReportDetail, ReportOverview, ReportSignal, show_report};
pub use results_table::{Again, Cell, Column, Order, ResultsTable, verdict_words};
pub use route::Route;
pub use run_result::{RunResult, RunState};
pub use shell::{Footer, Header, NavItem, SkipLink, Theme};
