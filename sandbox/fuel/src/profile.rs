//! Where the fuel of one guest run goes: the host's side of a woven program.
//!
//! A woven program (`sandbox/guests/python/profile/weave.py`) marks twice at each event: what lies between the two
//! marks is a code, burnt as fuel; what lies between one event and the next is the program's own fuel and the cost
//! of the marks. That cost is known, because the program first rehearses: it depends only on how often a place was
//! reached before, since instructions specialise in their first rounds. Everything is counted, nothing is timed,
//! so every runner gives the same integers. Memory is bounded by the program's text and [`NODES_MAX`], not by its
//! length.

use std::collections::BTreeMap;

/// Fuel between two codes, in units: one byte copied is one unit.
pub const CODE_STEP_FUEL: u64 = 256;
/// A code may come out cheaper than in the rehearsal by so many units; dearer by the rest of a step.
const CODE_SLACK_FUEL: u64 = 64;
/// Events at the rehearsal's beginning that only warm the interpreter up.
pub const WARM_UP_EVENTS: usize = 16;
/// Rounds of the rehearsal after that, of four events each: codes 0, 0, 1, 1.
pub const REHEARSAL_ROUNDS: usize = 24;
/// Rounds at the rehearsal's end whose least cost counts.
const SETTLED_ROUNDS: usize = 6;
/// Codes that one program may have.
pub const CODES_MAX: u32 = 4_096;
/// Nodes of the call tree; deeper calls are then added to the node that made them.
pub const NODES_MAX: usize = 10_000;
/// Calls that may be open at once.
const OPEN_CALLS_MAX: usize = 1 << 20;

/// The fuel of a woven run by call path and place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Profile {
    /// The call tree; a parent stands before its children.
    pub nodes: Vec<ProfileNode>,
    /// Events seen.
    pub events: u64,
    /// True when [`NODES_MAX`] was reached, so that some nodes hold the fuel of calls below them.
    pub folded: bool,
}

/// One function as it was reached by one path of calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileNode {
    /// Index of the caller's node; absent for what the harness calls.
    pub parent: Option<u32>,
    /// The function, as the program numbers them.
    pub function: u32,
    /// How often it was entered by this path; a generator is entered once, however often it is resumed.
    pub calls: u64,
    /// Its own fuel by code, in the order of codes.
    pub places: Vec<PlaceFuel>,
}

/// Fuel spent after one code and before the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlaceFuel {
    /// The code, as the program numbers them.
    pub code: u32,
    /// How often it was reached.
    pub count: u64,
    /// Its fuel less the cost of the marks, in units. Next to 0 it may fall below, by what a mark varies.
    pub fuel: i64,
}

/// What a code says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A place of a function that runs already begins.
    At,
    /// A function is entered.
    Enter,
    /// A function is left, or a generator pauses.
    Leave,
    /// A generator goes on.
    Resume,
    /// The program is called next.
    Begin,
    /// The program has returned; right after [`Kind::Begin`], there was no call.
    End,
}

/// The program's numbers of [`Kind`].
const KINDS: [Kind; 6] = [Kind::At, Kind::Enter, Kind::Leave, Kind::Resume, Kind::Begin, Kind::End];

/// Reads the marks of one woven run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tracer {
    last_spent: u64,
    within_code: bool,
    /// Fuel between the last event and this one.
    stretch: u64,
    stage: Stage,
    rehearsal: Rehearsal,
    codes: Vec<(Kind, u32)>,
    reached: Vec<u32>,
    stack: Vec<Open>,
    outside: Outside,
    children: BTreeMap<(Option<u32>, u32), u32>,
    nodes: Vec<Node>,
    events: u64,
    folded: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Rehearse,
    CountCodes,
    Describe { codes: u32, kind: Option<Kind> },
    Run,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Rehearsal {
    codes: Vec<u64>,
    stretches: Vec<u64>,
    code_zero: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Open {
    node: u32,
    function: u32,
    code: u32,
}

/// What is known while no call is open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Outside {
    /// Whether the last event was [`Kind::Begin`].
    begun: bool,
    /// Fuel from there to [`Kind::End`] with no call in between: what is subtracted from a call, as the baseline is.
    ///
    /// The baseline is the second of three rounds, and in the second the harness's own instructions specialise, which
    /// the third, the call, does not pay again. So these marks count as those of a third round: what is dearer in the
    /// second stays in here, and the rows sum to the net fuel, which lacks it too.
    empty: i64,
    /// What ended last: the way out of it is its own.
    ended: Option<Open>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Node {
    parent: Option<u32>,
    function: u32,
    calls: u64,
    places: BTreeMap<u32, (u64, i64)>,
}

/// The marks make no sense: the program under test touched them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Meddled;

impl Tracer {
    pub(crate) fn new() -> Self {
        Self {
            last_spent: 0,
            within_code: false,
            stretch: 0,
            stage: Stage::Rehearse,
            rehearsal: Rehearsal::default(),
            codes: Vec::new(),
            reached: Vec::new(),
            stack: Vec::new(),
            outside: Outside::default(),
            children: BTreeMap::new(),
            nodes: Vec::new(),
            events: 0,
            folded: false,
        }
    }

    /// Takes one mark, at which `spent` units were used since the first.
    pub(crate) fn on_mark(&mut self, spent: u64) -> Result<(), Meddled> {
        let delta = spent.checked_sub(self.last_spent).ok_or(Meddled)?;
        self.last_spent = spent;
        self.within_code = !self.within_code;
        if self.within_code {
            self.stretch = delta;
            return Ok(());
        }
        self.on_event(delta)
    }

    /// True while the last mark may have been the measurement's own end.
    pub(crate) fn may_end(&self) -> bool {
        self.within_code && self.stage == Stage::Run
    }

    pub(crate) fn profile(self) -> Profile {
        let place = |(code, (count, fuel))| PlaceFuel { code, count, fuel };
        let nodes = self.nodes.into_iter().map(|node| ProfileNode {
            parent: node.parent,
            function: node.function,
            calls: node.calls,
            places: node.places.into_iter().map(place).collect(),
        });
        Profile { nodes: nodes.collect(), events: self.events, folded: self.folded }
    }

    fn on_event(&mut self, burnt: u64) -> Result<(), Meddled> {
        if self.stage == Stage::Rehearse {
            self.rehearsal.codes.push(burnt);
            self.rehearsal.stretches.push(self.stretch);
            if self.rehearsal.codes.len() == WARM_UP_EVENTS + 4 * REHEARSAL_ROUNDS {
                self.rehearsal.settle()?;
                self.stage = Stage::CountCodes;
            }
            return Ok(());
        }
        let above = (burnt + CODE_SLACK_FUEL).checked_sub(self.rehearsal.code_zero).ok_or(Meddled)?;
        let code = u32::try_from(above / CODE_STEP_FUEL).map_err(|_| Meddled)?;
        match self.stage {
            Stage::Rehearse => Err(Meddled),
            Stage::CountCodes if code > CODES_MAX => Err(Meddled),
            Stage::CountCodes => {
                self.stage = if code == 0 { Stage::Run } else { Stage::Describe { codes: code, kind: None } };
                Ok(())
            }
            Stage::Describe { codes, kind: None } => {
                let kind = KINDS.get(code as usize).ok_or(Meddled)?;
                self.stage = Stage::Describe { codes, kind: Some(*kind) };
                Ok(())
            }
            Stage::Describe { codes, kind: Some(kind) } => {
                self.codes.push((kind, code));
                self.reached.push(0);
                let complete = self.codes.len() == codes as usize;
                self.stage = if complete { Stage::Run } else { Stage::Describe { codes, kind: None } };
                Ok(())
            }
            Stage::Run => self.on_code(code),
        }
    }

    fn on_code(&mut self, code: u32) -> Result<(), Meddled> {
        let &(kind, function) = self.codes.get(code as usize).ok_or(Meddled)?;
        let reached = &mut self.reached[code as usize];
        let begun = std::mem::take(&mut self.outside.begun);
        let is_empty = begun && kind == Kind::End;
        let marks = self.rehearsal.cost(*reached as usize + usize::from(is_empty));
        *reached = reached.saturating_add(1);
        self.events += 1;
        let own = i64::try_from(self.stretch).map_err(|_| Meddled)? - marks;
        let within = self.stack.last().copied().or(self.outside.ended);
        if let Some(open) = within {
            self.spend(open, own);
        }
        self.outside.ended = None;
        match kind {
            Kind::Enter => self.push(function, code, 1)?,
            Kind::Resume => self.push(function, code, 0)?,
            Kind::Leave => {
                if let Some(at) = self.innermost(function) {
                    self.outside.ended = self.stack.first().copied().filter(|_| at == 0);
                    self.stack.truncate(at);
                }
            }
            // An exception ended what was above it, without a word where that was a lambda.
            Kind::At => match self.innermost(function) {
                Some(at) => {
                    self.stack.truncate(at + 1);
                    self.stack[at].code = code;
                }
                None => self.push(function, code, 0)?,
            },
            Kind::Begin => self.outside.begun = true,
            Kind::End if is_empty => self.outside.empty = own,
            Kind::End => self.stack.clear(),
        }
        if let Some(open) = self.stack.last().copied().filter(|_| kind != Kind::Leave) {
            self.nodes[open.node as usize].places.entry(code).or_default().0 += 1;
            if begun {
                // The call itself is part of what it costs; what there is without a call is not.
                self.spend(open, own - self.outside.empty);
            }
        }
        Ok(())
    }

    fn spend(&mut self, open: Open, fuel: i64) {
        self.nodes[open.node as usize].places.entry(open.code).or_default().1 += fuel;
    }

    fn innermost(&self, function: u32) -> Option<usize> {
        self.stack.iter().rposition(|open| open.function == function)
    }

    fn push(&mut self, function: u32, code: u32, calls: u64) -> Result<(), Meddled> {
        if self.stack.len() >= OPEN_CALLS_MAX {
            return Err(Meddled);
        }
        let parent = self.stack.last().map(|open| open.node);
        let node = match (self.children.get(&(parent, function)), parent) {
            (Some(node), _) => *node,
            (None, Some(parent)) if self.nodes.len() >= NODES_MAX => {
                self.folded = true;
                parent
            }
            (None, _) => {
                let node = u32::try_from(self.nodes.len()).map_err(|_| Meddled)?;
                self.nodes.push(Node { parent, function, ..Node::default() });
                self.children.insert((parent, function), node);
                node
            }
        };
        self.nodes[node as usize].calls += calls;
        self.stack.push(Open { node, function, code });
        Ok(())
    }
}

impl Rehearsal {
    /// Fuel of code 0, and that the codes are a step apart.
    fn settle(&mut self) -> Result<(), Meddled> {
        let settled = WARM_UP_EVENTS + 4 * (REHEARSAL_ROUNDS - SETTLED_ROUNDS);
        let least = |first: usize| self.codes[settled + first..].iter().step_by(4).min().copied().ok_or(Meddled);
        let (zero, one) = (least(1)?, least(3)?);
        self.code_zero = zero;
        let least = self.stretches[settled + 3..].iter().step_by(4).min().copied().ok_or(Meddled)?;
        self.stretches =
            self.stretches[WARM_UP_EVENTS + 3..].iter().step_by(4).copied().take(REHEARSAL_ROUNDS - 1).collect();
        self.stretches.push(least);
        if one.checked_sub(zero) == Some(CODE_STEP_FUEL) { Ok(()) } else { Err(Meddled) }
    }

    /// Fuel between two events with nothing between them, when the second was reached `before` times before.
    fn cost(&self, before: usize) -> i64 {
        let stretch = self.stretches.get(before).or(self.stretches.last()).copied().unwrap_or(0);
        i64::try_from(stretch).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const CODE_ZERO: u64 = 3_000;
    const MARKS: u64 = 2_800;

    struct Played {
        tracer: Tracer,
        spent: u64,
    }

    impl Played {
        /// After the rehearsal and the description of `codes`.
        fn new(codes: &[(u64, u64)]) -> Self {
            let mut played = Self { tracer: Tracer::new(), spent: 0 };
            for _ in 0..WARM_UP_EVENTS {
                played.event(500, 0).unwrap();
            }
            for round in 0..REHEARSAL_ROUNDS {
                // The first two rounds are dearer, as instructions specialise.
                let early = if round < 2 { 100 } else { 0 };
                for code in [0, 0, 1, 1] {
                    played.event(early, code).unwrap();
                }
            }
            played.event(0, codes.len() as u64).unwrap();
            for (kind, function) in codes {
                played.event(0, *kind).unwrap();
                played.event(0, *function).unwrap();
            }
            played
        }

        fn event(&mut self, own: u64, code: u64) -> Result<(), Meddled> {
            self.spent += MARKS + own;
            self.tracer.on_mark(self.spent)?;
            self.spent += CODE_ZERO + CODE_STEP_FUEL * code;
            self.tracer.on_mark(self.spent)
        }
    }

    const AT: u64 = 0;
    const ENTER: u64 = 1;
    const LEAVE: u64 = 2;
    const RESUME: u64 = 3;
    const BEGIN: u64 = 4;
    const END: u64 = 5;

    #[test]
    fn the_way_in_and_out_is_the_callees() {
        let mut played = Played::new(&[(BEGIN, 0), (END, 0), (ENTER, 0), (LEAVE, 0)]);
        // Twice empty, the second time for 30 and the 100 that the third round is cheaper by; then a call: 530 more than
        // no call on the way in, 40 in it, 60 on the way out.
        for (own, code) in [(900, 0), (930, 1), (900, 0), (130, 1), (900, 0), (760, 2), (140, 3), (60, 1)] {
            played.event(own, code).unwrap();
        }
        assert_eq!(fuel(&played.tracer.profile()), [(None, 0, 1, vec![(2, 1, 530 + 40 + 60)])]);
    }

    /// Parent, function, calls and places of a node.
    type Row = (Option<u32>, u32, u64, Vec<(u32, u64, i64)>);

    fn fuel(profile: &Profile) -> Vec<Row> {
        let places = |node: &ProfileNode| node.places.iter().map(|p| (p.code, p.count, p.fuel)).collect();
        profile.nodes.iter().map(|node| (node.parent, node.function, node.calls, places(node))).collect()
    }

    #[test]
    fn fuel_goes_to_the_place_that_was_reached_last() {
        // main: 0 enter, 1 line, 2 leave; callee: 3 enter, 4 leave
        let mut played = Played::new(&[(ENTER, 0), (AT, 0), (LEAVE, 0), (ENTER, 1), (LEAVE, 1)]);
        // The first two times a site costs 100 more, which is not the program's.
        for (own, code) in [(777, 0), (110, 1), (120, 3), (230, 4), (103, 3), (140, 4), (107, 2)] {
            played.event(own, code).unwrap();
        }
        let expected =
            vec![(None, 0, 1, vec![(0, 1, 10), (1, 1, 20 + 3 + 7)]), (Some(0), 1, 2, vec![(3, 2, 130 + 40)])];
        assert_eq!(fuel(&played.tracer.profile()), expected);
    }

    #[test]
    fn generators_and_exceptions_leave_no_call_open() {
        // caller: 0 enter, 1 line, 2 leave; generator: 3 enter, 4 pause, 5 resume
        let codes = [(ENTER, 0), (AT, 0), (LEAVE, 0), (ENTER, 1), (LEAVE, 1), (RESUME, 1)];
        let mut played = Played::new(&codes);
        for code in [0, 1, 3, 4, 5, 4, 5, 1, 2] {
            played.event(100, code).unwrap();
        }
        // The last resumption ended by an exception, and the caller's next line closes it.
        assert!(played.tracer.stack.is_empty());
        let calls: Vec<_> = played.tracer.profile().nodes.iter().map(|node| (node.parent, node.calls)).collect();
        assert_eq!(calls, [(None, 1), (Some(0), 1)]);
    }

    #[test]
    fn strange_marks_are_refused() {
        let mut played = Played::new(&[(ENTER, 0), (LEAVE, 0)]);
        assert_eq!(played.event(0, 2), Err(Meddled), "a code that was not described");
        let mut played = Played::new(&[(ENTER, 0), (LEAVE, 0)]);
        played.spent += 10;
        played.tracer.on_mark(played.spent).unwrap();
        played.spent += 10;
        assert_eq!(played.tracer.on_mark(played.spent), Err(Meddled), "less than code 0");
        assert_eq!(Tracer::new().on_mark(5), Ok(()));
        let mut tracer = Tracer::new();
        let ended =
            (0..2 * (WARM_UP_EVENTS + 4 * REHEARSAL_ROUNDS) as u64).try_for_each(|mark| tracer.on_mark(mark * 1_000));
        assert_eq!(ended, Err(Meddled), "codes that are no step apart");
    }

    #[test]
    fn a_tree_without_end_is_folded() {
        let codes: Vec<_> = (0..200).map(|function| (ENTER, function)).collect();
        let mut played = Played::new(&codes);
        for code in (0..100).flat_map(|turn| (0..200).map(move |code| (code * 7 + turn) % 200)) {
            played.event(200, code).unwrap();
        }
        let profile = played.tracer.profile();
        assert!(profile.folded && profile.nodes.len() == NODES_MAX, "{}", profile.nodes.len());
        let sum: i64 = profile.nodes.iter().flat_map(|node| &node.places).map(|place| place.fuel).sum();
        // Each event but the first gives its 200 units; the first two of a site cost 100 more to mark.
        assert_eq!(sum, 200 * 19_999 - 100 * (2 * 200 - 1));
    }
}
