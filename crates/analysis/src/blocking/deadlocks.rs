//! Deadlocks: goroutines that wait for each other, and for nobody else.

use snapshot::{GoroutineId, WaitObjectKind};

use super::BlockingGraph;

/// Goroutines that wait for each other in a circle, of which none can be woken by anybody outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadlock {
    /// Indexes of the goroutines, ascending.
    pub goroutines: Vec<usize>,
    /// Indexes of the objects, ascending.
    pub objects: Vec<usize>,
    /// Whether it rests on guesses who holds which lock.
    pub probable: bool,
}

impl BlockingGraph<'_> {
    /// All deadlocks.
    pub fn deadlocks(&self) -> Vec<Deadlock> {
        let goroutines = self.waits.len();
        let edges: Vec<Vec<usize>> = self
            .waits
            .iter()
            .map(|waits| waits.iter().map(|object| object + goroutines).collect())
            .chain(self.objects.iter().map(|object| object.wakers.iter().map(|w| w.goroutine).collect()))
            .collect();
        // Each component comes after those that it leads to.
        let mut stuck = vec![false; edges.len()];
        let mut deadlocks = Vec::new();
        for component in components(&edges) {
            // Supposed for the moment, as each waits for the others.
            component.iter().for_each(|node| set(&mut stuck, *node, true));
            let holds = component.iter().all(|node| self.is_stuck(*node, &stuck));
            component.iter().for_each(|node| set(&mut stuck, *node, holds));
            if holds && component.len() > 1 {
                deadlocks.push(self.deadlock(component, goroutines));
            }
        }
        deadlocks.sort_by(|a, b| a.goroutines.cmp(&b.goroutines));
        deadlocks
    }

    fn is_stuck(&self, node: usize, stuck: &[bool]) -> bool {
        let goroutines = self.waits.len();
        let is = |node: usize| stuck.get(node).copied().unwrap_or(false);
        if let Some(waits) = self.waits.get(node) {
            let closed = self.closed.get(node).copied().unwrap_or(false);
            return closed && waits.iter().all(|object| is(object + goroutines));
        }
        let Some(object) = self.objects.get(node - goroutines) else { return false };
        let mut wakers = object.wakers.iter().map(|waker| is(waker.goroutine));
        match object.object.kind {
            WaitObjectKind::NilChannel(_) | WaitObjectKind::EmptySelect => true,
            _ if object.is_outside() => false,
            // It is taken, so somebody has it. One reader that never gives it back is enough.
            WaitObjectKind::Mutex { .. } => wakers.len() > 0 && wakers.all(|stuck| stuck),
            WaitObjectKind::RwMutex { .. } => wakers.any(|stuck| stuck),
            _ => object.complete && object.variables.is_empty() && wakers.all(|stuck| stuck),
        }
    }

    fn deadlock(&self, component: Vec<usize>, goroutines: usize) -> Deadlock {
        let (mut members, mut objects): (Vec<usize>, Vec<usize>) =
            component.into_iter().partition(|node| *node < goroutines);
        objects.iter_mut().for_each(|object| *object -= goroutines);
        members.sort_unstable();
        objects.sort_unstable();
        let mut of = objects.iter().filter_map(|object| self.objects.get(*object));
        let probable = of.any(super::BlockingObject::is_lock);
        Deadlock { goroutines: members, objects, probable }
    }

    /// The ids of all members of some deadlocks.
    pub fn members(&self, deadlocks: &[Deadlock]) -> std::collections::HashSet<GoroutineId> {
        let members = deadlocks.iter().flat_map(|deadlock| &deadlock.goroutines);
        members.filter_map(|index| Some(self.goroutine(*index)?.id)).collect()
    }
}

fn set(stuck: &mut [bool], node: usize, value: bool) {
    if let Some(slot) = stuck.get_mut(node) {
        *slot = value;
    }
}

/// Strongly connected components (Tarjan), each after those that it leads to. Without recursion: chains may be as long
/// as there are goroutines.
fn components(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    const NEW: usize = usize::MAX;
    let mut number = vec![NEW; edges.len()];
    let mut lowest = vec![NEW; edges.len()];
    let mut open = vec![false; edges.len()];
    let (mut path, mut stack, mut found, mut next) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for root in 0..edges.len() {
        if number.get(root) != Some(&NEW) {
            continue;
        }
        path.push((root, 0));
        while let Some((node, edge)) = path.pop() {
            if edge == 0 {
                put(&mut number, node, next);
                put(&mut lowest, node, next);
                next += 1;
                stack.push(node);
                if let Some(open) = open.get_mut(node) {
                    *open = true;
                }
            }
            let low = |lowest: &[usize], node: usize| lowest.get(node).copied().unwrap_or(NEW);
            if let Some(&to) = edges.get(node).and_then(|edges| edges.get(edge)) {
                path.push((node, edge + 1));
                if number.get(to) == Some(&NEW) {
                    path.push((to, 0));
                } else if open.get(to) == Some(&true) {
                    let value = low(&lowest, node).min(low(&number, to));
                    put(&mut lowest, node, value);
                }
                continue;
            }
            if let Some((parent, _)) = path.last() {
                let value = low(&lowest, *parent).min(low(&lowest, node));
                put(&mut lowest, *parent, value);
            }
            if lowest.get(node) == number.get(node) {
                let begin = stack.iter().rposition(|member| *member == node).unwrap_or(0);
                let component = stack.split_off(begin);
                for member in &component {
                    if let Some(open) = open.get_mut(*member) {
                        *open = false;
                    }
                }
                found.push(component);
            }
        }
    }
    found
}

fn put(values: &mut [usize], at: usize, value: usize) {
    if let Some(slot) = values.get_mut(at) {
        *slot = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Who can reach whom, step by step until nothing changes.
    fn reachable(edges: &[Vec<usize>]) -> Vec<Vec<bool>> {
        let mut reach = vec![vec![false; edges.len()]; edges.len()];
        loop {
            let before = reach.clone();
            for (from, to) in edges.iter().enumerate().flat_map(|(n, to)| to.iter().map(move |to| (n, *to))) {
                reach[from][to] = true;
                for (there, is) in before[to].iter().enumerate() {
                    reach[from][there] |= *is;
                }
            }
            if reach == before {
                return reach;
            }
        }
    }

    proptest! {
        #[test]
        fn components_are_who_reach_each_other(edges in prop::collection::vec(prop::collection::vec(0..12_usize, 0..4), 12)) {
            let reach = reachable(&edges);
            let found = components(&edges);
            let mut place = vec![usize::MAX; edges.len()];
            for (index, component) in found.iter().enumerate() {
                for member in component {
                    prop_assert_eq!(place[*member], usize::MAX, "in two components");
                    place[*member] = index;
                }
            }
            for a in 0..edges.len() {
                for b in 0..edges.len() {
                    let together = a == b || reach[a][b] && reach[b][a];
                    prop_assert_eq!(place[a] == place[b], together);
                    prop_assert!(!reach[a][b] || place[b] <= place[a], "what is led to comes first");
                }
            }
        }
    }

    #[test]
    fn long_chains_need_no_deep_stack() {
        let edges: Vec<Vec<usize>> = (0..300_000).map(|n| vec![(n + 1) % 300_000]).collect();
        assert_eq!(components(&edges).len(), 1);
    }
}
