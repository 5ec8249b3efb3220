//! Additions, with the carries written down or not, and a verifier that looks at the last number alone.

use super::Split;
use crate::random::Random;

/// An addition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addition {
    /// First summand.
    pub left: u32,
    /// Second summand.
    pub right: u32,
}

/// How long summands are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digits {
    /// Of the shorter one, at least.
    pub least: u32,
    /// Of the longer one, at most; 8 or fewer.
    pub most: u32,
}

/// What training sees.
pub const DIGITS: Digits = Digits { least: 2, most: 4 };
/// One digit more than training sees.
pub const DIGITS_BEYOND: Digits = Digits { least: 5, most: 5 };

impl Addition {
    /// An addition of a split: lengths first, each as likely, and then digits.
    pub fn random(digits: Digits, split: Split, random: &mut Random) -> Self {
        loop {
            let mut number = || {
                let lengths = digits.most.min(8).saturating_sub(digits.least) as usize + 1;
                let length = digits.least.min(8) + u32::try_from(random.below(lengths)).unwrap_or(0);
                let least = if length <= 1 { 0 } else { 10_u32.pow(length - 1) };
                least + u32::try_from(random.below((10_u32.pow(length) - least) as usize)).unwrap_or(0)
            };
            let addition = Self { left: number(), right: number() };
            if addition.split() == split {
                return addition;
            }
        }
    }

    /// Where it belongs; an addition and its mirror image stay together.
    pub fn split(&self) -> Split {
        Split::of(&format!("{}+{}", self.left.min(self.right), self.left.max(self.right)))
    }

    /// What a model is given.
    pub fn prompt(&self) -> String {
        format!("{}+{}=", self.left, self.right)
    }

    /// The sum.
    pub fn sum(&self) -> u32 {
        self.left + self.right
    }

    /// Carries on the way: how hard it is.
    pub fn carries(&self) -> u32 {
        self.columns().iter().map(|(.., carry)| carry).sum()
    }

    /// Digits and carry of each column, from the last one.
    fn columns(&self) -> Vec<(u32, u32, u32)> {
        let (mut left, mut right, mut carry, mut all) = (self.left, self.right, 0, Vec::new());
        while left > 0 || right > 0 {
            let (a, b) = (left % 10, right % 10);
            carry = (a + b + carry) / 10;
            all.push((a, b, carry));
            (left, right) = (left / 10, right / 10);
        }
        all
    }

    /// The answer: the sum, behind what each column gives where that is written down (`7+8=15 3+1+1=5 =55`).
    pub fn answer(&self, scratchpad: bool) -> String {
        if !scratchpad {
            return self.sum().to_string();
        }
        let (mut text, mut before) = (String::new(), 0);
        for (a, b, carry) in self.columns() {
            let carried = if before > 0 { "+1" } else { "" };
            text += &format!("{a}+{b}{carried}={} ", a + b + before);
            before = carry;
        }
        text + &format!("={}", self.sum())
    }

    /// Whether an answer ends with the sum, and nothing but digits after the last `=`.
    pub fn accepts(&self, answer: &str) -> bool {
        let last = answer.rsplit('=').next().unwrap_or_default();
        last.trim_end() == self.sum().to_string()
    }
}
