//! Makes a template pay before it works.
//!
//! The engine's fuel counts what an instruction makes, but some of its operators build text or lists first and are charged
//! afterwards, and a list that holds one list many times is small until somebody walks it. So the compiled instructions
//! are rewritten: every list, map and concatenation pays, when it is made, for all that a walk over it would visit, and is
//! at most [`DEPTH_MAX`] deep. From then on nothing exists whose walk the fuel has not paid for once, and an operator that
//! walks its operands pays for each walk again before it begins.

use std::sync::{Arc, Mutex};

use minijinja::machinery::{CodeGenerator, Instruction, Instructions, parse};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Enumerator, Object, ObjectRepr, Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind, State};

use super::charge;

/// Levels of a list or map.
const DEPTH_MAX: usize = 64;
/// Text in a container is shown quoted; a control character becomes at most this many times as long.
const QUOTED_GROWTH: usize = 6;

// Names of functions that no template can spell.
const PAID: &str = "(paid)";
const FILTER: &str = "(filter)";
const METHOD: &str = "(method)";
const TEST: &str = "(test)";
const SET: &str = "(set)";

/// Filters whose work does not grow with what their operand holds, or is charged by the item as it is done.
const LIGHT_FILTERS: [&str; 13] = [
    "length",
    "count",
    "first",
    "last",
    "default",
    "d",
    "items",
    "list",
    "selectattr",
    "rejectattr",
    "select",
    "reject",
    "tojson",
];
/// Tests that look at more than the kind of their operand.
const HEAVY_TESTS: [&str; 16] =
    ["eq", "equalto", "==", "ne", "!=", "lt", "lessthan", "<", "le", "<=", "gt", "greaterthan", ">", "ge", ">=", "in"];

fn refused(problem: &'static str) -> Error {
    Error::new(ErrorKind::InvalidOperation, problem)
}

/// Fuel for a walk over a value, and for showing it as text.
pub(super) fn pay(state: &State<'_, '_>, value: &Value, depth: usize) -> Result<(), Error> {
    if depth > DEPTH_MAX {
        return Err(refused("a value is nested too deeply"));
    }
    let growth = if depth > 0 { QUOTED_GROWTH } else { 1 };
    charge(state, value.as_str().map_or(1, |text| text.len() * growth))?;
    match value.kind() {
        ValueKind::Seq | ValueKind::Iterable => value.try_iter()?.try_for_each(|item| pay(state, &item, depth + 1)),
        ValueKind::Map => value.try_iter()?.try_for_each(|key| {
            pay(state, &key, depth + 1)?;
            pay(state, &value.get_item(&key)?, depth + 1)
        }),
        _ if depth > 0 && value.downcast_object_ref::<Namespace>().is_some() => {
            Err(refused("a namespace cannot be stored in another value"))
        }
        _ => Ok(()),
    }
}

/// What `namespace()` makes. Unlike the engine's own, it cannot hold another one: no value is part of itself.
#[derive(Debug, Default)]
struct Namespace(Mutex<Vec<(String, Value)>>);

impl Namespace {
    fn set(&self, name: &str, value: Value) {
        let mut names = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match names.iter_mut().find(|(known, _)| known == name) {
            Some((_, place)) => *place = value,
            None => names.push((name.to_owned(), value)),
        }
    }
}

impl Object for Namespace {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let names = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        names.iter().find(|(name, _)| Some(name.as_str()) == key.as_str()).map(|(_, value)| value.clone())
    }
    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }
}

/// A function that sees its arguments as they are, named ones included.
struct Function(fn(&mut State<'_, '_>, &[Value]) -> Result<Value, Error>);

impl std::fmt::Debug for Function {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("function")
    }
}

impl Object for Function {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }
    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        (self.0)(state, args)
    }
}

/// Adds the functions that rewritten instructions call, and takes away those that hold values unseen.
pub(super) fn install(environment: &mut Environment<'_>) {
    for name in ["debug", "dict", "cycler", "joiner"] {
        environment.remove_global(name);
    }
    for name in ["batch", "chain", "groupby", "slice", "zip", "pprint"] {
        environment.remove_filter(name);
    }
    let mut add = |name: &'static str, function| {
        environment.add_global(name, Value::from_object(Function(function)));
    };
    add(PAID, |state, args| paid(state, args.last()));
    add(FILTER, |state, args| {
        let (name, args) = named(args)?;
        if !LIGHT_FILTERS.contains(&name) {
            args.iter().try_for_each(|arg| pay(state, arg, 0))?;
        }
        let result = state.apply_filter(name, args)?;
        paid(state, Some(&result))
    });
    add(METHOD, |state, args| {
        let (name, args) = named(args)?;
        let (value, rest) = args.split_first().ok_or_else(|| refused("a method without a value"))?;
        // The engine copies what a method of a text is given.
        rest.iter().try_for_each(|arg| pay(state, arg, 0))?;
        let result = value.call_method(state, name, rest)?;
        paid(state, Some(&result))
    });
    add(TEST, |state, args| {
        let (name, args) = named(args)?;
        if HEAVY_TESTS.contains(&name) {
            args.iter().try_for_each(|arg| pay(state, arg, 0))?;
        }
        state.perform_test(name, args).map(Value::from)
    });
    add(SET, |state, args| {
        let (name, args) = named(args)?;
        let [value, target] = args else { return Err(refused("an assignment takes one value")) };
        let space = target.downcast_object_ref::<Namespace>();
        let space = space.ok_or_else(|| refused("only a namespace's names can be assigned to"))?;
        // As deep as anything in it may be: one level below the namespace.
        pay(state, value, 1)?;
        space.set(name, value.clone());
        Ok(Value::from(()))
    });
    add("namespace", |state, args| {
        let space = Namespace::default();
        for names in args {
            if names.kind() != ValueKind::Map {
                return Err(refused("namespace() takes names with values, or one map"));
            }
            for key in names.try_iter()? {
                let value = names.get_item(&key)?;
                pay(state, &value, 1)?;
                space.set(&key.to_string(), value);
            }
        }
        Ok(Value::from_object(space))
    });
}

fn paid(state: &State<'_, '_>, value: Option<&Value>) -> Result<Value, Error> {
    let value = value.ok_or_else(|| refused("nothing to pay for"))?;
    // The engine charges texts itself.
    if value.as_object().is_some() {
        pay(state, value, 0)?;
    }
    Ok(value.clone())
}

/// Arguments whose last one is a name that was put there.
fn named(args: &[Value]) -> Result<(&str, &[Value]), Error> {
    let (name, args) = args.split_last().ok_or_else(|| refused("a call without a name"))?;
    Ok((name.as_str().unwrap_or_default(), args))
}

/// The instructions of a template, which pay.
pub(super) fn compile<'s>(name: &'s str, source: &'s str, syntax: SyntaxConfig) -> Result<Instructions<'s>, Error> {
    let tree = parse(source, name, syntax)?;
    let mut generator = CodeGenerator::new(name, source);
    generator.compile_stmt(&tree);
    let (plain, _) = generator.finish();
    let mut out = Instructions::new(name, source);
    let mut places = Vec::new();
    let (mut length, mut loops) = (0_u32, 0_usize);
    for at in 0_u32.. {
        let Some(instruction) = plain.get(at) else { break };
        places.push(length);
        let line = plain.get_line(at).and_then(|line| u16::try_from(line).ok()).unwrap_or(0);
        match instruction {
            Instruction::PushLoop(_) => loops += 1,
            Instruction::PopLoopFrame => loops = loops.saturating_sub(1),
            // Each would hold the one before it.
            Instruction::BuildMacro(..) if loops > 0 => return Err(refused("a macro inside a loop is not offered")),
            _ => {}
        }
        for instruction in guarded(instruction)? {
            length = out.add_with_line(instruction, line) + 1;
        }
    }
    places.push(length);
    for at in 0_u32.. {
        match out.get_mut(at) {
            None => break,
            Some(
                Instruction::Jump(target)
                | Instruction::JumpIfFalse(target)
                | Instruction::JumpIfFalseOrPop(target)
                | Instruction::JumpIfTrueOrPop(target)
                | Instruction::Iterate(target)
                | Instruction::BuildMacro(_, target, _),
            ) => {
                let place = places.get(*target as usize);
                *target = *place.ok_or_else(|| refused("a jump leaves the template"))?;
            }
            Some(_) => {}
        }
    }
    Ok(out)
}

/// What stands in the place of one instruction.
fn guarded<'s>(instruction: &Instruction<'s>) -> Result<Vec<Instruction<'s>>, Error> {
    use Instruction as I;
    let paid = || I::CallFunction(PAID, Some(1));
    let call = |function, name: &str, count: Option<u16>| {
        let count = count.and_then(|count| count.checked_add(1));
        let count = count.ok_or_else(|| refused("a list of arguments in a filter, test or method is not offered"))?;
        Ok(vec![I::LoadConst(Value::from(name)), I::CallFunction(function, Some(count))])
    };
    let own = instruction.clone();
    match instruction {
        I::BuildList(_) | I::BuildTuple(_) | I::BuildMap(_) | I::Slice => Ok(vec![own, paid()]),
        I::Add | I::Mul | I::StringConcat => Ok(vec![paid(), I::Swap, paid(), I::Swap, own, paid()]),
        I::Eq | I::Ne | I::Gt | I::Gte | I::Lt | I::Lte | I::In | I::CompareAndPreserve(_) => {
            Ok(vec![paid(), I::Swap, paid(), I::Swap, own])
        }
        I::GetItem => Ok(vec![paid(), own]),
        I::ApplyFilter(name, count, _) => call(FILTER, name, *count),
        I::PerformTest(name, count, _) => call(TEST, name, *count),
        I::CallMethod(name, count) => call(METHOD, name, *count),
        I::SetAttr(name) => {
            let mut set = call(SET, name, Some(2))?;
            set.push(I::DiscardTop);
            Ok(set)
        }
        _ => Ok(vec![own]),
    }
}
