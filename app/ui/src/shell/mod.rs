//! What stands around every page: skip link, header with navigation, footer.

use leptos::prelude::*;

use crate::shared::{press, text};

/// The chosen colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Light whatever the system says.
    Light,
    /// Dark whatever the system says.
    Dark,
}

impl Theme {
    /// The name kept in storage and shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme of a name; [`Theme::System`] for others.
    pub fn from_name(name: &str) -> Self {
        match name {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }

    /// The next one in the order system, light, dark.
    pub fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }
}

/// Lets the keyboard pass the header.
#[component]
pub fn SkipLink(
    /// Asked for when pressed: move the focus to the main content.
    on_skip: Callback<()>,
) -> impl IntoView {
    view! {
        <button type="button" class="skip-link" data-testid="skip-link" on:click=press(move || on_skip.run(()))>
            "Skip to the content"
        </button>
    }
}

/// One entry of the navigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NavItem {
    /// Shown text.
    pub title: &'static str,
    /// Address, with the base in front.
    pub href: String,
    /// Distinguishes the element for tests: `nav-<id>`.
    pub id: &'static str,
}

/// The header.
#[component]
pub fn Header(
    /// Address of the start page.
    home: String,
    /// The pages.
    items: Vec<NavItem>,
    /// Identifier of the page shown.
    #[prop(into)]
    current: Signal<&'static str>,
    /// The colours in force.
    #[prop(into)]
    theme: Signal<Theme>,
    /// Asked for when the person wants the next theme.
    on_theme: Callback<()>,
) -> impl IntoView {
    let link = move |item: NavItem| {
        view! {
            <a
                href=item.href
                data-testid=format!("nav-{}", item.id)
                aria-current=move || (current.get() == item.id).then_some("page")
            >
                {item.title}
            </a>
        }
    };
    view! {
        <header class="header">
            <div class="header-inner">
                <a class="wordmark" href=home data-testid="nav-home">"Frugal"</a>
                <nav aria-label="Pages">{items.into_iter().map(link).collect_view()}</nav>
                <button
                    type="button"
                    class="quiet push theme-toggle"
                    data-testid="theme"
                    data-theme-now=text(move || theme.get().name())
                    aria-label=text(move || format!("Colours: {}. Press to change.", theme.get().name()))
                    on:click=press(move || on_theme.run(()))
                >
                    <span aria-hidden="true">
                        {text(move || match theme.get() {
                            Theme::System => "◐",
                            Theme::Light => "○",
                            Theme::Dark => "●",
                        })}
                    </span>
                    <span class="theme-name">{text(move || theme.get().name())}</span>
                </button>
            </div>
        </header>
    }
}

/// The footer.
#[component]
pub fn Footer(
    /// Version of the page.
    version: &'static str,
) -> impl IntoView {
    view! {
        <footer class="footer">
            <p>
                "Frugal " {version} ". Code runs in your browser; nothing leaves this tab unless you choose the server. "
                "Fuel counts WebAssembly operators by one fixed table, so it is the same on every machine."
            </p>
        </footer>
    }
}
