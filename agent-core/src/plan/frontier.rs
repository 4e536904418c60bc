//! Which steps of a plan can begin, kept up to date as others end: asking costs what is ready, not what the plan holds.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::Value;

use super::{
    Plan, Step, StepId,
    bind::{self, Unbound},
};

/// The edge between the steps of a plan that have begun and those that wait for them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Frontier {
    /// Where each step stands in the plan.
    places: HashMap<StepId, usize>,
    /// How many of the steps that one waits for have no output yet, by its place.
    missing: Vec<usize>,
    /// The places of those that wait for a step.
    waiting: HashMap<StepId, Vec<usize>>,
    /// Steps that can begin, by tool and place, with their arguments.
    ready: BTreeMap<String, BTreeMap<usize, Value>>,
    /// Steps that could begin, but have nothing to choose from, by place.
    unbound: BTreeMap<usize, Unbound>,
    /// The places of steps that failed.
    failed: BTreeSet<usize>,
}

impl Frontier {
    /// The frontier of a plan of which nothing has begun.
    pub(crate) fn of(plan: &Plan) -> Self {
        let mut frontier = Self::default();
        for (place, step) in plan.steps.iter().enumerate() {
            frontier.places.insert(step.id, place);
            let needs: HashSet<StepId> = needs(step, plan).collect();
            frontier.missing.push(needs.len());
            for need in &needs {
                frontier.waiting.entry(*need).or_default().push(place);
            }
            if needs.is_empty() {
                frontier.opens(place, plan, &|_| None);
            }
        }
        frontier
    }

    /// A step has begun.
    pub(crate) fn begins(&mut self, id: StepId, plan: &Plan) {
        let Some((place, step)) = self.step(id, plan) else { return };
        if let Some(steps) = self.ready.get_mut(&step.tool) {
            steps.remove(&place);
        }
    }

    /// A step has an output, which `output` gives.
    pub(crate) fn succeeds<'o>(&mut self, id: StepId, plan: &Plan, output: &impl Fn(StepId) -> Option<&'o Value>) {
        for place in self.waiting.remove(&id).unwrap_or_default() {
            if let Some(missing) = self.missing.get_mut(place) {
                *missing -= 1;
                if *missing == 0 {
                    self.opens(place, plan, output);
                }
            }
        }
    }

    /// A step has failed.
    pub(crate) fn fails(&mut self, id: StepId) {
        self.failed.extend(self.places.get(&id));
    }

    /// The tools of the steps that can begin, each with its steps' places and arguments.
    pub(crate) fn ready(&self) -> impl Iterator<Item = (&str, &BTreeMap<usize, Value>)> {
        self.ready.iter().map(|(tool, steps)| (tool.as_str(), steps))
    }

    /// What the steps that could begin have nothing to choose from, in the plan's order.
    pub(crate) fn unbound(&self) -> impl Iterator<Item = &Unbound> {
        self.unbound.values()
    }

    /// The places of the steps that failed, in the plan's order.
    pub(crate) fn failed(&self) -> impl Iterator<Item = usize> {
        self.failed.iter().copied()
    }

    fn opens<'o>(&mut self, place: usize, plan: &Plan, output: &impl Fn(StepId) -> Option<&'o Value>) {
        let Some(step) = plan.steps.get(place) else { return };
        // Of alternatives one is made, and the others are as good as done; if none can be, each says what it missed.
        let winner = plan.either(step.id).and_then(|either| bind::winner(either, plan, output));
        if winner.is_some_and(|winner| winner != step.id) {
            return;
        }
        match bind::bind(step, output) {
            Ok(args) => drop(self.ready.entry(step.tool.clone()).or_default().insert(place, args)),
            Err(unbound) => drop(self.unbound.insert(place, unbound)),
        }
    }

    fn step<'p>(&self, id: StepId, plan: &'p Plan) -> Option<(usize, &'p Step)> {
        let place = *self.places.get(&id)?;
        Some((place, plan.steps.get(place)?))
    }
}

/// What has to be done before a step: for one of several alternatives, what any of them needs.
fn needs<'p>(step: &'p Step, plan: &'p Plan) -> impl Iterator<Item = StepId> + 'p {
    let beside = plan.either(step.id).into_iter().flat_map(|either| &either.steps).filter_map(|id| plan.step(*id));
    step.dependencies().chain(beside.flat_map(Step::dependencies))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
mod tests {
    use super::*;
    use serde_json::json;

    fn step(id: u32, tool: &str, needs: &[u32]) -> Step {
        let needs = needs.iter().copied().map(StepId).collect();
        Step { id: StepId(id), tool: tool.to_owned(), args: Default::default(), needs, item: None }
    }

    fn ready(frontier: &Frontier) -> Vec<usize> {
        let mut places: Vec<usize> = frontier.ready().flat_map(|(_, steps)| steps.keys().copied()).collect();
        places.sort_unstable();
        places
    }

    #[test]
    fn a_step_is_ready_when_all_that_it_needs_is_done() {
        let steps =
            vec![step(1, "look", &[]), step(2, "look", &[]), step(3, "make", &[1, 2, 1]), step(4, "make", &[9])];
        let plan = Plan { steps, ..Plan::default() };
        let output = json!([]);
        let outputs = |_: StepId| Some(&output);
        let mut frontier = Frontier::of(&plan);
        assert_eq!(ready(&frontier), [0, 1]);
        frontier.begins(StepId(1), &plan);
        assert_eq!(ready(&frontier), [1]);
        frontier.succeeds(StepId(1), &plan, &outputs);
        frontier.begins(StepId(2), &plan);
        frontier.fails(StepId(2));
        assert_eq!((ready(&frontier), frontier.failed().collect()), (vec![], vec![1]));
        frontier.succeeds(StepId(2), &plan, &outputs);
        assert_eq!(ready(&frontier), [2], "what needs a step that does not exist is never ready");
    }
}
