//! Tagged values: the JSON that carries JavaScript values into and out of the guest.
//!
//! null, booleans, numbers and strings are themselves, arrays are arrays; plain objects and maps are
//! `{"d":[[k,v],..]}`, sets `{"s":[..]}`, BigInts `{"i":"digits"}`, non-finite numbers `{"n":"NaN"}`, strings
//! with lone surrogates `{"u":[code points]}`, and everything else, `undefined` included, is opaque. Encoding runs no
//! code under test: what a getter or a proxy would compute is opaque too.

use boa_engine::object::JsObject;
use boa_engine::object::builtins::{JsArray, JsMap, JsSet, JsUint8Array};
use boa_engine::property::PropertyKey;
use boa_engine::{Context, JsBigInt, JsError, JsNativeError, JsResult, JsString, JsValue, JsVariant, js_string};
use serde_json::{Value, json};

/// Nesting levels of a value.
pub(crate) const DEPTH_MAX: usize = 200;
const REPR_MAX: usize = 200;
const SAFE_INTEGER_MAX: f64 = 9_007_199_254_740_991.0;

/// Why a value has no encoded form.
pub(crate) enum Refusal {
    TooLarge,
    TooDeep,
    Raised(JsError),
}

impl From<JsError> for Refusal {
    fn from(error: JsError) -> Self {
        Self::Raised(error)
    }
}

fn malformed(what: &str) -> JsError {
    JsNativeError::typ().with_message(format!("malformed argument: {what}")).into()
}

/// The JavaScript value of a tagged one.
pub(crate) fn decode(tagged: &Value, context: &mut Context) -> JsResult<JsValue> {
    match tagged {
        Value::Null => Ok(JsValue::null()),
        Value::Bool(value) => Ok(JsValue::from(*value)),
        Value::String(text) => Ok(JsString::from(text.as_str()).into()),
        Value::Number(number) => decode_number(&number.to_string()),
        Value::Array(items) => decode_array(items, context),
        Value::Object(object) => {
            let Some((tag, body)) = object.iter().next().filter(|_| object.len() == 1) else {
                return Err(malformed("a tag is one key"));
            };
            decode_tag(tag, body, context)
        }
    }
}

/// Integers beyond 2^53 - 1 become BigInts, so that no digit is lost.
fn decode_number(text: &str) -> JsResult<JsValue> {
    let value: f64 = text.parse().map_err(|_| malformed("number"))?;
    if text.contains(['.', 'e', 'E']) || value.abs() <= SAFE_INTEGER_MAX {
        return Ok(JsValue::from(value));
    }
    decode_bigint(text)
}

fn decode_bigint(text: &str) -> JsResult<JsValue> {
    JsBigInt::from_string(text).map(JsValue::from).ok_or_else(|| malformed("integer"))
}

fn decode_array(items: &[Value], context: &mut Context) -> JsResult<JsValue> {
    let items = items.iter().map(|item| decode(item, context)).collect::<JsResult<Vec<_>>>()?;
    Ok(JsArray::from_iter(items, context).into())
}

fn decode_tag(tag: &str, body: &Value, context: &mut Context) -> JsResult<JsValue> {
    match (tag, body) {
        ("t", Value::Array(items)) => decode_array(items, context),
        ("s" | "f", Value::Array(items)) => {
            let items = items.iter().map(|item| decode(item, context)).collect::<JsResult<Vec<_>>>()?;
            Ok(JsSet::from_iter(items, context).into())
        }
        ("d", Value::Array(pairs)) => decode_pairs(pairs, context),
        ("i", Value::String(digits)) => decode_bigint(digits),
        ("n", Value::String(name)) => Ok(JsValue::from(match name.as_str() {
            "NaN" => f64::NAN,
            "Infinity" => f64::INFINITY,
            _ => f64::NEG_INFINITY,
        })),
        ("u", Value::Array(points)) => {
            let mut units = Vec::new();
            for point in points {
                let point = point
                    .as_u64()
                    .and_then(|point| u32::try_from(point).ok())
                    .ok_or_else(|| malformed("code point"))?;
                match char::from_u32(point) {
                    Some(character) => units.extend_from_slice(character.encode_utf16(&mut [0; 2])),
                    None => units.push(point as u16),
                }
            }
            Ok(JsString::from(units.as_slice()).into())
        }
        ("b", Value::String(hex)) => {
            let byte = |at: usize| hex.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
            let bytes: Option<Vec<u8>> = (0..hex.len()).step_by(2).map(byte).collect();
            Ok(JsUint8Array::from_iter(bytes.ok_or_else(|| malformed("bytes"))?, context)?.into())
        }
        _ => Err(malformed("no JavaScript value has this tag")),
    }
}

/// An object where every key is a string, otherwise a map.
fn decode_pairs(pairs: &[Value], context: &mut Context) -> JsResult<JsValue> {
    if pairs.iter().all(|pair| pair[0].is_string()) {
        let object = JsObject::with_object_proto(context.intrinsics());
        for pair in pairs {
            let key = JsString::from(pair[0].as_str().unwrap_or_default());
            let value = decode(&pair[1], context)?;
            object.create_data_property_or_throw(key, value, context)?;
        }
        return Ok(object.into());
    }
    let map = JsMap::new(context);
    for pair in pairs {
        let (key, value) = (decode(&pair[0], context)?, decode(&pair[1], context)?);
        map.set(key, value, context)?;
    }
    Ok(map.into())
}

/// The tagged JSON of a value, of at most `bytes_max` bytes.
pub(crate) fn encode(value: &JsValue, bytes_max: usize, context: &mut Context) -> Result<String, Refusal> {
    let mut encoder = Encoder { out: String::new(), bytes_max, context };
    encoder.value(value, 0)?;
    Ok(encoder.out)
}

struct Encoder<'a> {
    out: String,
    bytes_max: usize,
    context: &'a mut Context,
}

impl Encoder<'_> {
    fn push(&mut self, text: &str) -> Result<(), Refusal> {
        if self.out.len() + text.len() > self.bytes_max.saturating_add(64) {
            return Err(Refusal::TooLarge);
        }
        self.out.push_str(text);
        Ok(())
    }

    fn value(&mut self, value: &JsValue, depth: usize) -> Result<(), Refusal> {
        match value.variant() {
            JsVariant::Null => self.push("null"),
            JsVariant::Boolean(value) => self.push(if value { "true" } else { "false" }),
            JsVariant::Integer32(value) => self.push(&value.to_string()),
            JsVariant::Float64(value) => self.number(value),
            JsVariant::String(text) => self.string(&text),
            JsVariant::BigInt(value) => self.push(&json!({"i": value.to_string()}).to_string()),
            JsVariant::Object(object) => self.object(value, &object, depth),
            JsVariant::Undefined => self.opaque("undefined", value),
            JsVariant::Symbol(_) => self.opaque("symbol", value),
        }
    }

    fn number(&mut self, value: f64) -> Result<(), Refusal> {
        if !value.is_finite() {
            let name = if value.is_nan() {
                "NaN"
            } else if value > 0.0 {
                "Infinity"
            } else {
                "-Infinity"
            };
            return self.push(&format!("{{\"n\":\"{name}\"}}"));
        }
        let whole =
            value.fract() == 0.0 && value.abs() <= SAFE_INTEGER_MAX && !(value == 0.0 && value.is_sign_negative());
        self.push(&if whole { format!("{value:.0}") } else { format!("{value:?}") })
    }

    fn string(&mut self, text: &JsString) -> Result<(), Refusal> {
        match text.to_std_string() {
            Ok(text) => self.push(&json!(text).to_string()),
            Err(_) => {
                let units = text.to_vec();
                let points = char::decode_utf16(units).map(|unit| match unit {
                    Ok(character) => u32::from(character),
                    Err(lone) => u32::from(lone.unpaired_surrogate()),
                });
                self.push(&json!({"u": points.collect::<Vec<_>>()}).to_string())
            }
        }
    }

    fn object(&mut self, value: &JsValue, object: &JsObject, depth: usize) -> Result<(), Refusal> {
        if depth >= DEPTH_MAX {
            return Err(Refusal::TooDeep);
        }
        if object.is_array() {
            return self.array(object, depth + 1);
        }
        if let Ok(set) = JsSet::from_object(object.clone()) {
            let mut items = Vec::new();
            set.for_each_native(|item| {
                items.push(item);
                Ok(())
            })?;
            return self.items("{\"s\":[", "]}", &items, depth + 1);
        }
        if let Ok(map) = JsMap::from_object(object.clone()) {
            let mut pairs = Vec::new();
            map.for_each_native(|key, item| {
                pairs.push((key, Some(item)));
                Ok(())
            })?;
            return self.pairs(pairs, depth + 1);
        }
        let prototype = object.prototype();
        let plain =
            prototype.is_none() || prototype == Some(self.context.intrinsics().constructors().object().prototype());
        if plain && object.is_ordinary() && !object.is_callable() {
            return self.plain_object(object, depth + 1);
        }
        self.opaque(&constructor_name(object), value)
    }

    /// A property's value; one that a getter would have to compute is opaque.
    fn property(&mut self, value: Option<JsValue>, depth: usize) -> Result<(), Refusal> {
        match value {
            Some(value) => self.value(&value, depth),
            None => self.push(&json!({"o": {"type": "accessor", "repr": "[accessor]"}}).to_string()),
        }
    }

    fn array(&mut self, object: &JsObject, depth: usize) -> Result<(), Refusal> {
        let length = own(object, js_string!("length")).and_then(|own| own?.as_number()).unwrap_or_default();
        self.push("[")?;
        for index in 0..length as u32 {
            if index > 0 {
                self.push(",")?;
            }
            self.property(own(object, index).unwrap_or(Some(JsValue::undefined())), depth)?;
        }
        self.push("]")
    }

    fn items(&mut self, before: &str, after: &str, items: &[JsValue], depth: usize) -> Result<(), Refusal> {
        self.push(before)?;
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.push(",")?;
            }
            self.value(item, depth)?;
        }
        self.push(after)
    }

    fn pairs(&mut self, pairs: Vec<(JsValue, Option<JsValue>)>, depth: usize) -> Result<(), Refusal> {
        self.push("{\"d\":[")?;
        for (index, (key, item)) in pairs.into_iter().enumerate() {
            self.push(if index > 0 { ",[" } else { "[" })?;
            self.value(&key, depth)?;
            self.push(",")?;
            self.property(item, depth)?;
            self.push("]")?;
        }
        self.push("]}")
    }

    fn plain_object(&mut self, object: &JsObject, depth: usize) -> Result<(), Refusal> {
        let mut pairs = Vec::new();
        for key in object.own_property_keys(self.context)? {
            let name: JsString = match &key {
                PropertyKey::String(name) => name.clone(),
                PropertyKey::Index(index) => JsString::from(index.get().to_string()),
                PropertyKey::Symbol(_) => continue,
            };
            pairs.push((JsValue::from(name), own(object, key).unwrap_or_default()));
        }
        self.pairs(pairs, depth)
    }

    fn opaque(&mut self, name: &str, value: &JsValue) -> Result<(), Refusal> {
        let shown: String = value.display().to_string().chars().take(REPR_MAX).collect();
        self.push(&json!({"o": {"type": name, "repr": shown}}).to_string())
    }
}

/// An object's own property, read without running any code: `None` where there is none (a hole in an array),
/// `Some(None)` where a getter would have to compute it.
fn own(object: &JsObject, key: impl Into<PropertyKey>) -> Option<Option<JsValue>> {
    let descriptor = object.borrow().properties().get(&key.into())?;
    Some(descriptor.value().cloned())
}

fn constructor_name(object: &JsObject) -> String {
    let data = |object: &JsObject, key| own(object, key).flatten();
    let prototype = object.prototype();
    let constructor = prototype.as_ref().and_then(|prototype| data(prototype, js_string!("constructor")));
    let name = constructor.and_then(|constructor| data(&constructor.as_object()?, js_string!("name")));
    let name = name.and_then(|name| name.as_string().map(|name| name.to_std_string_lossy()));
    name.unwrap_or_else(|| "object".to_owned()).chars().take(REPR_MAX).collect()
}
