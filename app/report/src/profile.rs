//! Where the fuel of one run went.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::FuelUnits;

/// The net fuel of a finished run by function, by line and by path of calls.
///
/// `lines` and `unattributed_fuel` sum to the run's `net_fuel` to the unit; so do the `self_fuel` of `functions`,
/// and of `calls`, with it. It comes from a second run of the program with marks woven in, less what the marks cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ProfileReport {
    /// Functions of the submitted code that were called, by their own fuel, dearest first.
    pub functions: Vec<FunctionFuel>,
    /// Lines on which a statement begins that was reached, in the order of the text.
    pub lines: Vec<LineFuel>,
    /// The tree of calls; a caller stands before what it calls.
    pub calls: Vec<CallFuel>,
    /// What is left between the net fuel and the rows: the call of the entry, and what the marks vary. Below 0 where
    /// the rows exceed the net fuel.
    pub unattributed_fuel: SignedFuel,
    /// Raw fuel of the second run, in units: it is many times the first's.
    pub woven_fuel: FuelUnits,
    /// Marks that the second run made, in pairs.
    pub events: u64,
    /// True when the tree was too large: some calls are then counted in what called them.
    pub calls_folded: bool,
}

/// One function of the submitted code. Methods and inner functions carry their qualified name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct FunctionFuel {
    /// Its qualified name; `<module>` for the top level of a program.
    pub name: String,
    /// Line of its definition, from 1.
    pub line: u32,
    /// How often it was called; a generator once, however often it was resumed.
    pub calls: u64,
    /// Fuel of its own statements, with what they call outside the submitted code, in units.
    pub self_fuel: FuelUnits,
    /// The same with all it called, in units; a recursive call is not counted twice.
    pub total_fuel: FuelUnits,
}

/// The statements that begin on one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LineFuel {
    /// The line, from 1.
    pub line: u32,
    /// Index in [`ProfileReport::functions`].
    pub function: u32,
    /// How often it was reached; the head of a loop once for each round, and where it begins.
    pub count: u64,
    /// Fuel without the submitted functions it called, in units.
    pub self_fuel: FuelUnits,
}

/// A function as one path of calls reached it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CallFuel {
    /// Index of the caller in [`ProfileReport::calls`]; absent for what the run itself called.
    pub parent: Option<u32>,
    /// Index in [`ProfileReport::functions`].
    pub function: u32,
    /// How often.
    pub calls: u64,
    /// Its own fuel on this path, in units.
    pub self_fuel: FuelUnits,
}

impl ProfileReport {
    /// Fuel of each call with all below it, in the order of `calls`.
    pub fn call_totals(&self) -> Vec<u64> {
        let mut totals: Vec<u64> = self.calls.iter().map(|call| call.self_fuel.0).collect();
        for (index, call) in self.calls.iter().enumerate().rev() {
            if let Some(parent) = call.parent.map(|parent| parent as usize).filter(|parent| *parent < index) {
                totals[parent] = totals[parent].saturating_add(totals[index]);
            }
        }
        totals
    }
}

/// Fuel that may be below 0; a decimal string in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String))]
pub struct SignedFuel(pub i128);

impl std::fmt::Display for SignedFuel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for SignedFuel {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for SignedFuel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(|_| serde::de::Error::custom("fuel as a decimal string, such as \"-12\""))
    }
}
