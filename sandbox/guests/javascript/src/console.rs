//! `console`, standard input, and the one budget of bytes for what is printed.

use std::cell::RefCell;
use std::rc::Rc;

use boa_engine::object::ObjectInitializer;
use boa_engine::property::Attribute;
use boa_engine::{Context, JsNativeError, JsResult, JsString, JsValue, NativeFunction, js_string};

/// What a run printed, and how much more it may print.
#[derive(Default)]
pub(crate) struct Output {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) bytes_max: usize,
    pub(crate) exceeded: bool,
}

impl Output {
    fn print(&mut self, line: &str, to_stderr: bool) -> JsResult<()> {
        if self.exceeded || self.stdout.len() + self.stderr.len() + line.len() + 1 > self.bytes_max {
            self.exceeded = true;
            return Err(JsNativeError::range().with_message("more output than the limit").into());
        }
        let stream = if to_stderr { &mut self.stderr } else { &mut self.stdout };
        stream.push_str(line);
        stream.push('\n');
        Ok(())
    }
}

thread_local! {
    pub(crate) static OUTPUT: Rc<RefCell<Output>> = Rc::default();
}

/// Defines `console` with its five printing methods.
pub(crate) fn install(context: &mut Context) -> JsResult<()> {
    let out = NativeFunction::from_fn_ptr(|_, arguments, _| print(arguments, false));
    let err = NativeFunction::from_fn_ptr(|_, arguments, _| print(arguments, true));
    let mut console = ObjectInitializer::new(context);
    for name in ["log", "info", "debug"] {
        console.function(out.clone(), JsString::from(name), 0);
    }
    for name in ["error", "warn"] {
        console.function(err.clone(), JsString::from(name), 0);
    }
    let console = console.build();
    context.register_global_property(js_string!("console"), console, Attribute::all())
}

fn print(arguments: &[JsValue], to_stderr: bool) -> JsResult<JsValue> {
    let parts: Vec<_> = arguments.iter().map(show).collect();
    OUTPUT.with(|output| output.borrow_mut().print(&parts.join(" "), to_stderr))?;
    Ok(JsValue::undefined())
}

/// Text for people: strings as they are, everything else as the engine shows it.
fn show(value: &JsValue) -> String {
    match value.as_string() {
        Some(text) => text.to_std_string_lossy(),
        None => value.display().to_string(),
    }
}

/// Defines `stdin`, the whole input, and `readline()`, its next line or null.
pub(crate) fn install_stdin(context: &mut Context, text: &str) -> JsResult<()> {
    thread_local! {
        static LINES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    }
    LINES.with_borrow_mut(|lines| *lines = text.lines().rev().map(str::to_owned).collect());
    let readline = NativeFunction::from_fn_ptr(|_, _, _| {
        let line = LINES.with_borrow_mut(Vec::pop);
        Ok(line.map_or_else(JsValue::null, |line| JsString::from(line).into()))
    });
    context.register_global_callable(js_string!("readline"), 0, readline)?;
    context.register_global_property(js_string!("stdin"), JsString::from(text), Attribute::all())
}
