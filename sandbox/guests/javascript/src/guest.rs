//! The phases of a job.

use std::cell::Cell;
use std::path::Path;
use std::rc::Rc;

use boa_engine::builtins::promise::PromiseState;
use boa_engine::context::time::{Clock, JsInstant};
use boa_engine::context::{ContextBuilder, HostHooks};
use boa_engine::object::builtins::JsPromise;
use boa_engine::property::Attribute;
use boa_engine::{Context, JsError, JsResult, JsString, JsValue, Script, Source};
use serde_json::{Value, json};

use crate::{console, failure, value};

const EPOCH_MS: i64 = 1_735_689_600_000;
const TICK_NS: u64 = 1_000;
const RECURSION_LIMIT: usize = 10_000;
const STACK_VALUES_LIMIT: usize = 1_000_000;

/// A clock that starts on 1 January 2025 UTC and moves one microsecond for each reading.
struct VirtualClock(Cell<u64>);

impl VirtualClock {
    fn tick(&self) -> u64 {
        self.0.set(self.0.get() + TICK_NS);
        self.0.get()
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> JsInstant {
        let elapsed = self.tick();
        JsInstant::new(elapsed / 1_000_000_000, (elapsed % 1_000_000_000) as u32)
    }

    fn system_time_millis(&self) -> i64 {
        EPOCH_MS + (self.tick() / 1_000_000) as i64
    }
}

struct Hooks;

impl HostHooks for Hooks {
    fn local_timezone_offset_seconds(&self, _: i64) -> i32 {
        0
    }
}

enum Task {
    Nothing,
    Function(JsValue),
    Program(Script),
}

/// What one instance knows of its one job.
pub(crate) struct Guest {
    context: Context,
    task: Task,
    arguments: Vec<JsValue>,
    outcome: JsResult<JsValue>,
}

impl Guest {
    pub(crate) fn new() -> Self {
        let mut context = ContextBuilder::new()
            .clock(Rc::new(VirtualClock(Cell::new(0))))
            .host_hooks(Rc::new(Hooks))
            .build()
            .expect("the default context has no parts that can fail");
        context.runtime_limits_mut().set_recursion_limit(RECURSION_LIMIT);
        context.runtime_limits_mut().set_stack_size_limit(STACK_VALUES_LIMIT);
        Self {
            context,
            task: Task::Nothing,
            arguments: Vec::new(),
            outcome: Ok(JsValue::undefined()),
        }
    }

    pub(crate) fn define(&mut self, request: &[u8], output_bytes: usize) -> Vec<u8> {
        console::OUTPUT.with(|output| output.borrow_mut().bytes_max = output_bytes);
        let request = match parse(request) {
            Ok(request) => request,
            Err(message) => return failure::text("SyntaxError", &message, &message, "define"),
        };
        match self.try_define(&request) {
            Ok(None) => failure::with_status(0, &json!({})),
            Ok(Some(message)) => failure::text("ReferenceError", &message, &message, "define"),
            Err(error) => failure::reply(&error, "define", &mut self.context),
        }
    }

    /// `Ok(Some(message))` when the source runs but has no such entry.
    fn try_define(&mut self, request: &Value) -> JsResult<Option<String>> {
        let context = &mut self.context;
        console::install(context)?;
        for name in request["hide"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            context.register_global_property(JsString::from(name), JsValue::undefined(), Attribute::all())?;
        }
        let text = request["source"].as_str().unwrap_or_default();
        let path = request["filename"].as_str().unwrap_or("main.js");
        let script = Script::parse(Source::from_bytes(text).with_path(Path::new(path)), None, context)?;
        script.codeblock(context)?;
        if request["mode"] == "program" {
            self.task = Task::Program(script);
            return Ok(None);
        }
        script.evaluate(context)?;
        context.run_jobs()?;
        let entry = request["entry"].as_str().unwrap_or_default();
        if !is_identifier(entry) {
            return Ok(Some(format!("`{entry}` is not the name of a function")));
        }
        let lookup = format!("typeof {entry} === 'function' ? {entry} : undefined");
        let function = context.eval(Source::from_bytes(&lookup))?;
        if function.is_undefined() {
            return Ok(Some(format!("the source defines no function `{entry}`")));
        }
        self.task = Task::Function(function);
        Ok(None)
    }

    pub(crate) fn prepare(&mut self, request: &[u8]) -> Vec<u8> {
        let request = match parse(request) {
            Ok(request) => request,
            Err(message) => return failure::text("SyntaxError", &message, &message, "prepare"),
        };
        match self.try_prepare(&request) {
            Ok(()) => failure::with_status(0, &json!({})),
            Err(error) => failure::reply(&error, "prepare", &mut self.context),
        }
    }

    fn try_prepare(&mut self, request: &Value) -> JsResult<()> {
        if let Some(stdin) = request["stdin"].as_str() {
            return console::install_stdin(&mut self.context, stdin);
        }
        for argument in request["arguments"].as_array().into_iter().flatten() {
            let argument = value::decode(argument, &mut self.context)?;
            self.arguments.push(argument);
        }
        Ok(())
    }

    pub(crate) fn empty(&mut self, mark: extern "C" fn()) {
        let _ = measure(None, &[], &mut self.context, mark);
    }

    pub(crate) fn call(&mut self, mark: extern "C" fn()) {
        self.outcome = match &self.task {
            Task::Function(function) => measure(Some(function), &self.arguments, &mut self.context, mark),
            Task::Program(script) => {
                mark();
                let value = script.evaluate(&mut self.context).and_then(|_| settle(JsValue::null(), &mut self.context));
                mark();
                value
            }
            Task::Nothing => measure(None, &[], &mut self.context, mark),
        };
    }

    pub(crate) fn result(&mut self) -> Vec<u8> {
        let output = console::OUTPUT.with(|output| output.take());
        if output.exceeded {
            return failure::with_status(3, &json!({"phase": "call"}));
        }
        let value = match std::mem::replace(&mut self.outcome, Ok(JsValue::undefined())) {
            Ok(value) => value,
            Err(error) => return failure::reply(&error, "call", &mut self.context),
        };
        let left = output.bytes_max.saturating_sub(output.stdout.len() + output.stderr.len());
        match value::encode(&value, left, &mut self.context) {
            Ok(value) => {
                let streams = format!(",\"stdout\":{},\"stderr\":{}}}", json!(output.stdout), json!(output.stderr));
                [b"\0{\"value\":", value.as_bytes(), streams.as_bytes()].concat()
            }
            Err(value::Refusal::TooLarge) => failure::with_status(3, &json!({"phase": "result"})),
            Err(value::Refusal::TooDeep) => {
                let message = format!("the result nests more than {} levels, or contains itself", value::DEPTH_MAX);
                failure::text("RangeError", &message, &format!("RangeError: {message}"), "result")
            }
            Err(value::Refusal::Raised(error)) => failure::reply(&error, "result", &mut self.context),
        }
    }
}

/// The measured stretch. Without a function it is the marks and what stands around the call: the baseline, which every
/// call exceeds.
fn measure(
    function: Option<&JsValue>,
    arguments: &[JsValue],
    context: &mut Context,
    mark: extern "C" fn(),
) -> JsResult<JsValue> {
    mark();
    let value = match function.and_then(JsValue::as_callable) {
        Some(function) => function.call(&JsValue::undefined(), arguments, context),
        None => Ok(JsValue::undefined()),
    };
    let value = value.and_then(|value| settle(value, context));
    mark();
    value
}

/// Runs what the call left waiting; a promise becomes what it was settled with.
fn settle(value: JsValue, context: &mut Context) -> JsResult<JsValue> {
    context.run_jobs()?;
    let Some(promise) = value.as_object().and_then(|object| JsPromise::from_object(object.clone()).ok()) else {
        return Ok(value);
    };
    match promise.state() {
        PromiseState::Fulfilled(value) => Ok(value),
        PromiseState::Rejected(reason) => Err(JsError::from_opaque(reason)),
        PromiseState::Pending => Ok(value),
    }
}

fn parse(request: &[u8]) -> Result<Value, String> {
    let mut reader = serde_json::Deserializer::from_slice(request);
    reader.disable_recursion_limit();
    serde::Deserialize::deserialize(&mut reader).map_err(|error: serde_json::Error| error.to_string())
}

fn is_identifier(name: &str) -> bool {
    let mut characters = name.chars();
    let start = |character: char| character.is_alphabetic() || character == '_' || character == '$';
    characters.next().is_some_and(start) && characters.all(|character| start(character) || character.is_numeric())
}
