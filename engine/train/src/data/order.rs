//! The order of examples: a permutation for each pass, and a cursor that is all a resumed run needs.

use crate::random::Random;

/// Goes through `count` examples again and again, each pass in an order of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    seed: u64,
    cursor: u64,
    pass: u64,
    order: Vec<usize>,
}

impl Order {
    /// From a seed and a cursor, which is 0 at the beginning and [`Order::cursor`] afterwards. None without examples.
    pub fn new(count: usize, seed: u64, cursor: u64) -> Option<Self> {
        let pass = cursor.checked_div(count as u64)?;
        let mut order = Self { seed, cursor, pass, order: (0..count).collect() };
        order.shuffle();
        Some(order)
    }

    /// Examples that were given so far, over all passes.
    pub fn cursor(&self) -> u64 {
        self.cursor
    }

    /// Whole passes behind the cursor.
    pub fn passes(&self) -> u64 {
        self.cursor / self.order.len() as u64
    }

    /// The next example.
    pub fn next_index(&mut self) -> usize {
        let count = self.order.len() as u64;
        if self.cursor / count != self.pass {
            self.pass = self.cursor / count;
            self.shuffle();
        }
        let at = usize::try_from(self.cursor % count).unwrap_or(0);
        self.cursor += 1;
        self.order[at]
    }

    /// The order of a pass depends on the seed and its number alone.
    fn shuffle(&mut self) {
        self.order.sort_unstable();
        let mut random = Random::new(self.seed ^ self.pass.wrapping_mul(0xd134_2543_de82_ef95));
        random.shuffle(&mut self.order);
    }
}
