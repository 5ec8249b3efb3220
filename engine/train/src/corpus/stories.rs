//! Short stories from a grammar whose words have a valence, so that the sentiment of any text is exact.
//!
//! `not` turns the next valence around, which makes a story's sentiment more than the words in it.

use super::one;
use crate::random::Random;

/// How a story is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// Good things happen.
    Happy,
    /// Good and bad things happen.
    Mixed,
    /// Bad things happen.
    Sad,
}

impl Mood {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Happy, Self::Mixed, Self::Sad];

    /// The first words of a story.
    pub fn prompt(self) -> &'static str {
        match self {
            Self::Happy => "a happy story :",
            Self::Mixed => "a story :",
            Self::Sad => "a sad story :",
        }
    }

    /// The chance that a word is good.
    fn good(self) -> f64 {
        match self {
            Self::Happy => 0.85,
            Self::Mixed => 0.5,
            Self::Sad => 0.15,
        }
    }
}

/// What kind of word may follow which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Start,
    Determiner,
    Noun,
    Name,
    Be,
    Not,
    Very,
    Adjective,
    Verb,
    Adverb,
    Connective,
    Stop,
}

const NAMES: [&str; 10] = ["anna", "ben", "clara", "david", "emma", "felix", "greta", "hugo", "ida", "jonas"];
const NOUNS: [&str; 24] = [
    "dog",
    "cat",
    "bird",
    "horse",
    "fish",
    "child",
    "teacher",
    "baker",
    "sailor",
    "king",
    "queen",
    "farmer",
    "house",
    "garden",
    "river",
    "boat",
    "cake",
    "song",
    "friend",
    "neighbour",
    "storm",
    "morning",
    "winter",
    "road",
];
const ADJECTIVES: [(&str, i32); 24] = [
    ("wonderful", 2),
    ("brilliant", 2),
    ("joyful", 2),
    ("lovely", 2),
    ("happy", 1),
    ("kind", 1),
    ("warm", 1),
    ("bright", 1),
    ("calm", 1),
    ("brave", 1),
    ("old", 0),
    ("small", 0),
    ("green", 0),
    ("tall", 0),
    ("sad", -1),
    ("cold", -1),
    ("tired", -1),
    ("angry", -1),
    ("broken", -1),
    ("lonely", -1),
    ("terrible", -2),
    ("awful", -2),
    ("cruel", -2),
    ("hopeless", -2),
];
const VERBS: [(&str, i32); 14] = [
    ("smiles", 1),
    ("dances", 1),
    ("laughs", 1),
    ("wins", 1),
    ("walks", 0),
    ("waits", 0),
    ("sits", 0),
    ("turns", 0),
    ("speaks", 0),
    ("falls", -1),
    ("cries", -1),
    ("loses", -1),
    ("breaks", -1),
    ("shivers", -1),
];
const ADVERBS: [(&str, i32); 10] = [
    ("gladly", 2),
    ("gently", 1),
    ("proudly", 1),
    ("softly", 1),
    ("slowly", 0),
    ("again", 0),
    ("badly", -1),
    ("alone", -1),
    ("bitterly", -2),
    ("helplessly", -2),
];
const CONNECTIVES: [&str; 3] = ["and", "but", "while"];

/// All words of stories and prompts.
pub fn vocabulary() -> Vec<&'static str> {
    let mut all = vec!["the", "is", "not", "very", ".", "a", "story", ":"];
    all.extend(NAMES.iter().chain(&NOUNS).chain(&CONNECTIVES));
    for list in [&ADJECTIVES[..], &VERBS, &ADVERBS] {
        all.extend(list.iter().map(|(word, _)| word));
    }
    all
}

/// A story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Story {
    /// How it was meant.
    pub mood: Mood,
    /// Its sentences, words and stops with a space between.
    pub text: String,
}

/// What is true of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sentiment {
    /// Sum of valences, those after `not` turned around.
    pub valence: i32,
    /// Words that may not stand where they do, unknown ones and a missing stop among them.
    pub violations: u32,
    /// Sentences that ended.
    pub sentences: u32,
}

impl Sentiment {
    /// Valence less one for each violation.
    pub fn score(&self) -> i64 {
        i64::from(self.valence) - i64::from(self.violations)
    }
}

/// Writes a story of so many sentences about one or two characters.
pub fn story(mood: Mood, sentences: usize, random: &mut Random) -> Story {
    let hero = one(random, &NAMES);
    let other = one(random, &NOUNS);
    let mut words: Vec<&str> = Vec::new();
    for _ in 0..sentences.max(1) {
        clause(mood, [hero, other], random, &mut words);
        if random.unit() < 0.5 {
            words.push(one(random, &CONNECTIVES));
            clause(mood, [hero, other], random, &mut words);
        }
        words.push(".");
    }
    Story { mood, text: words.join(" ") }
}

fn clause<'a>(mood: Mood, [hero, other]: [&'a str; 2], random: &mut Random, words: &mut Vec<&'a str>) {
    match random.below(4) {
        0 | 1 => words.push(hero),
        2 => words.extend(["the", other]),
        _ => words.extend(["the", one(random, &NOUNS)]),
    }
    let wanted = random.unit() < mood.good();
    if random.unit() < 0.6 {
        words.push("is");
        let turned = random.unit() < 0.25;
        if turned {
            words.push("not");
        }
        if random.unit() < 0.3 {
            words.push("very");
        }
        words.push(valued(&ADJECTIVES, wanted != turned, random));
    } else {
        words.push(valued(&VERBS, wanted, random));
        if random.unit() < 0.5 {
            words.push(valued(&ADVERBS, wanted, random));
        }
    }
}

/// A word that is not on the other side.
fn valued(all: &[(&'static str, i32)], good: bool, random: &mut Random) -> &'static str {
    let fits = |valence: i32| if good { valence >= 0 } else { valence <= 0 };
    let words: Vec<&str> = all.iter().filter(|(_, valence)| fits(*valence)).map(|(word, _)| *word).collect();
    one(random, &words)
}

/// Reads any text word by word.
pub fn sentiment(text: &str) -> Sentiment {
    let (mut found, mut before, mut turned) = (Sentiment::default(), Kind::Start, false);
    for word in text.split_whitespace() {
        let Some((kind, valence)) = kind(word) else {
            found.violations = found.violations.saturating_add(1);
            continue;
        };
        if !follows(before, kind) {
            found.violations = found.violations.saturating_add(1);
        }
        if matches!(kind, Kind::Adjective | Kind::Verb | Kind::Adverb) {
            found.valence = found.valence.saturating_add(if turned { -valence } else { valence });
            turned = false;
        }
        turned = (turned || kind == Kind::Not) && kind != Kind::Stop;
        found.sentences += u32::from(kind == Kind::Stop);
        before = kind;
    }
    if before != Kind::Stop {
        found.violations = found.violations.saturating_add(1);
    }
    found
}

fn kind(word: &str) -> Option<(Kind, i32)> {
    let valence = |all: &[(&str, i32)]| all.iter().find(|(known, _)| *known == word).map(|(_, valence)| *valence);
    let plain = match word {
        "the" => Kind::Determiner,
        "is" => Kind::Be,
        "not" => Kind::Not,
        "very" => Kind::Very,
        "." => Kind::Stop,
        _ if NAMES.contains(&word) => Kind::Name,
        _ if NOUNS.contains(&word) => Kind::Noun,
        _ if CONNECTIVES.contains(&word) => Kind::Connective,
        _ => {
            let of = |kind, all| valence(all).map(|valence| (kind, valence));
            return of(Kind::Adjective, &ADJECTIVES)
                .or_else(|| of(Kind::Verb, &VERBS))
                .or_else(|| of(Kind::Adverb, &ADVERBS));
        }
    };
    Some((plain, 0))
}

fn follows(before: Kind, kind: Kind) -> bool {
    use Kind::{Adjective, Adverb, Be, Connective, Determiner, Name, Not, Noun, Start, Stop, Verb, Very};
    match before {
        Start | Stop | Connective => matches!(kind, Determiner | Name),
        Determiner => kind == Noun,
        Noun | Name => matches!(kind, Be | Verb),
        Be => matches!(kind, Not | Very | Adjective),
        Not => matches!(kind, Very | Adjective),
        Very => kind == Adjective,
        Verb => matches!(kind, Adverb | Connective | Stop),
        Adjective | Adverb => matches!(kind, Connective | Stop),
    }
}
