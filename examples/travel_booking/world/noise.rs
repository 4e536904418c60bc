//! Repeatable noise: the same words give the same numbers on every machine.
//!
//! Words are hashed with [FNV-1a], and the hash starts a [SplitMix64] generator (Steele, Lea and Flood, "Fast
//! splittable pseudorandom number generators", OOPSLA 2014; constants as in Vigna's public-domain `splitmix64.c`).
//! Neither is fit for secrets. Both are a few lines long, so that a price never depends on another crate's version.
//!
//! [FNV-1a]: https://datatracker.ietf.org/doc/html/rfc9923
//! [SplitMix64]: https://prng.di.unimi.it/splitmix64.c

/// A stream of numbers that a seed and a few words decide.
#[derive(Debug, Clone)]
pub(super) struct Noise {
    state: u64,
}

impl Noise {
    /// Starts the stream for these words.
    pub(super) fn new(seed: u64, words: &[&str]) -> Self {
        // The byte after each word keeps ["ab", "c"] and ["a", "bc"] apart; 0xff occurs in no UTF-8 text.
        let bytes = words.iter().flat_map(|word| word.bytes().chain([0xff]));
        let hash = bytes
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        Self { state: hash ^ seed }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = self.state;
        let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A whole number from `low` to `high`, both included. `high` must not be below `low`.
    pub(super) fn between(&mut self, low: u32, high: u32) -> u32 {
        let width = u64::from(high.saturating_sub(low)) + 1;
        // The upper half of the number, scaled: without the bias of a remainder for small widths.
        let scaled = ((self.next() >> 32) * width) >> 32;
        low.saturating_add(u32::try_from(scaled).unwrap_or(0))
    }

    /// A factor between two percentages: `percent(80, 120)` lies between 0.8 and 1.2.
    pub(super) fn percent(&mut self, low: u32, high: u32) -> f64 {
        f64::from(self.between(low * 10, high * 10)) / 1000.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_gives_the_published_numbers() {
        let mut noise = Noise { state: 1_234_567 };
        let numbers: Vec<u64> = (0..5).map(|_| noise.next()).collect();
        assert_eq!(
            numbers,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423,
                4_593_380_528_125_082_431,
                16_408_922_859_458_223_821,
            ]
        );
    }

    #[test]
    fn the_words_are_told_apart_and_the_bounds_are_kept() {
        let first = |words: &[&str]| Noise::new(1, words).next();
        assert_eq!(first(&["ab", "c"]), first(&["ab", "c"]));
        assert_ne!(first(&["ab", "c"]), first(&["a", "bc"]));
        assert_ne!(Noise::new(1, &["a"]).next(), Noise::new(2, &["a"]).next());
        let mut noise = Noise::new(1, &["bounds"]);
        let drawn: std::collections::BTreeSet<u32> = (0..500).map(|_| noise.between(3, 6)).collect();
        assert_eq!(drawn.into_iter().collect::<Vec<_>>(), [3, 4, 5, 6]);
    }
}
