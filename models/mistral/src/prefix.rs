//! How much of a prompt is computed anew.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

/// How many prompts are remembered: as many as the engine keeps computed.
const REMEMBERED: usize = 16;

/// The prompts of this process, as far as the engine remembers them.
///
/// The engine does not say how much of a prompt it took from its cache. It takes the longest beginning that an earlier
/// prompt shares, and nothing for a prompt that is identical to an earlier one; so this counts.
#[derive(Debug, Default)]
pub(crate) struct Prefixes(Mutex<VecDeque<Vec<u32>>>);

impl Prefixes {
    /// How many tokens of this prompt are computed; remembers it.
    pub(crate) fn computed(&self, prompt: Vec<u32>) -> u64 {
        // Nothing panics while the lock is held.
        let mut earlier = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let shared = |known: &Vec<u32>| known.iter().zip(&prompt).take_while(|(left, right)| left == right).count();
        let longest = earlier.iter().map(shared).max().unwrap_or(0);
        let cached = if longest == prompt.len() { 0 } else { longest };
        let computed = prompt.len() - cached;
        if earlier.len() == REMEMBERED {
            earlier.pop_front();
        }
        earlier.push_back(prompt);
        computed as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_beginning_is_computed_once() {
        let prefixes = Prefixes::default();
        assert_eq!(prefixes.computed(vec![1, 2, 3, 4]), 4);
        assert_eq!(prefixes.computed(vec![1, 2, 3, 5, 6]), 2);
        assert_eq!(prefixes.computed(vec![1, 2, 3, 4]), 4);
    }
}
