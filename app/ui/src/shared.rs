//! One type for all closures of a kind.
//!
//! The view library copies its drawing code for every distinct closure type; boxed, a hundred closures share one
//! copy, and the page's first load is a fifth smaller.

use leptos::ev::{Event, MouseEvent};
use leptos::prelude::*;

/// Text that changes.
pub type Text = Box<dyn FnMut() -> String + Send>;
/// A condition that changes.
pub type Flag = Box<dyn FnMut() -> bool + Send>;
/// A part of the page that is drawn anew.
pub type Live = Box<dyn FnMut() -> AnyView + Send>;

/// Text that is written anew whenever what `write` reads changes.
pub fn text<S: Into<String>>(mut write: impl FnMut() -> S + Send + 'static) -> Text {
    Box::new(move || write().into())
}

/// A condition that is asked anew whenever what `ask` reads changes.
pub fn flag(ask: impl FnMut() -> bool + Send + 'static) -> Flag {
    Box::new(ask)
}

/// A part that is drawn anew whenever what `draw` reads changes.
pub fn live<V: IntoAny>(mut draw: impl FnMut() -> V + Send + 'static) -> Live {
    Box::new(move || draw().into_any())
}

/// Calls `act` for a press.
pub fn press(mut act: impl FnMut() + 'static) -> Box<dyn FnMut(MouseEvent)> {
    Box::new(move |_| act())
}

/// Calls `act` with the new text of a field, or the value of the chosen option.
pub fn typed(mut act: impl FnMut(String) + 'static) -> Box<dyn FnMut(Event)> {
    Box::new(move |event| act(event_target_value(&event)))
}
