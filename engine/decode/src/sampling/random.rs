/// SplitMix64 (Steele, Lea & Flood 2014): one number per draw, from a seed alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SplitMix64(u64);

impl SplitMix64 {
    /// A stream for each seed. [`state`](Self::state) is a seed, too: the stream goes on from there.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// All that a checkpoint needs.
    pub fn state(&self) -> u64 {
        self.0
    }

    /// 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform in `[0, 1)`, 53 bits.
    pub fn unit(&mut self) -> f64 {
        // 53 bits are exact in f64.
        (self.bits() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }
}

#[test]
fn published_numbers() {
    // Seed 1234567: the first outputs of the authors' program.
    let mut random = SplitMix64::new(1_234_567);
    for want in [6_457_827_717_110_365_317_u64, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423] {
        let got = random.unit();
        assert_eq!(got, (want >> 11) as f64 / (1_u64 << 53) as f64);
    }
}
