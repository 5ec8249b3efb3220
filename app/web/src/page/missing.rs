//! The page for addresses that lead nowhere.

use leptos::prelude::*;

/// Says so, and shows the way back.
#[component]
pub(crate) fn Missing(
    /// Address of the start page.
    home: String,
) -> impl IntoView {
    view! {
        <section data-testid="missing">
            <h1>"There is no such page"</h1>
            <p class="lede">"The address may be mistyped, or from another version."</p>
            <p>
                <a href=home>"Go to the Code page"</a>
            </p>
        </section>
    }
}
