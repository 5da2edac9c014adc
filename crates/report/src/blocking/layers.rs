//! Places nodes of a graph in layers, so that most edges lead from one layer to the next (Sugiyama's method).

/// Times that the order within layers is improved.
const SWEEPS: usize = 8;

/// Nodes by layer, each layer from top to bottom.
pub(super) fn layers(nodes: usize, edges: &[(usize, usize)]) -> Vec<Vec<usize>> {
    let mut after: Vec<Vec<usize>> = vec![Vec::new(); nodes];
    let mut around: Vec<Vec<usize>> = vec![Vec::new(); nodes];
    for &(from, to) in edges.iter().filter(|(from, to)| from != to) {
        if let Some(list) = after.get_mut(from) {
            list.push(to);
        }
        if let Some(list) = around.get_mut(from) {
            list.push(to);
        }
        if let Some(list) = around.get_mut(to) {
            list.push(from);
        }
    }
    let layer_of = depths(&after);
    let mut layers: Vec<Vec<usize>> = vec![Vec::new(); layer_of.iter().max().map_or(0, |last| last + 1)];
    for (node, layer) in layer_of.iter().enumerate() {
        if let Some(layer) = layers.get_mut(*layer) {
            layer.push(node);
        }
    }
    let mut height: Vec<usize> = vec![0; nodes];
    for _ in 0..SWEEPS {
        for layer in &mut layers {
            // Each node goes to the middle of its neighbours.
            layer.sort_by_key(|node| {
                let neighbours = around.get(*node).map(Vec::as_slice).unwrap_or_default();
                let sum: usize = neighbours.iter().filter_map(|other| height.get(*other)).sum();
                (sum * 1000).checked_div(neighbours.len()).unwrap_or(usize::MAX)
            });
            for (place, node) in layer.iter().enumerate() {
                if let Some(slot) = height.get_mut(*node) {
                    *slot = place;
                }
            }
        }
    }
    layers
}

/// The longest way to each node, not counting edges that close a circle.
fn depths(after: &[Vec<usize>]) -> Vec<usize> {
    let mut entered = vec![false; after.len()];
    let mut left = vec![false; after.len()];
    let mut finished = Vec::with_capacity(after.len());
    let mut closing: Vec<(usize, usize)> = Vec::new();
    let is = |flags: &[bool], node: usize| flags.get(node).copied().unwrap_or(true);
    let mark = |flags: &mut [bool], node: usize| {
        if let Some(flag) = flags.get_mut(node) {
            *flag = true;
        }
    };
    // From those that nobody leads to, if there are any.
    let mut led_to = vec![false; after.len()];
    after.iter().flatten().for_each(|node| mark(&mut led_to, *node));
    let mut roots: Vec<usize> = (0..after.len()).collect();
    roots.sort_by_key(|root| is(&led_to, *root));
    for root in roots {
        let mut path = vec![(root, 0)];
        while let Some((node, edge)) = path.pop() {
            if edge == 0 {
                if is(&entered, node) {
                    continue;
                }
                mark(&mut entered, node);
            }
            match after.get(node).and_then(|list| list.get(edge)) {
                Some(&to) => {
                    path.push((node, edge + 1));
                    if !is(&entered, to) {
                        path.push((to, 0));
                    } else if !is(&left, to) {
                        closing.push((node, to));
                    }
                }
                None => {
                    mark(&mut left, node);
                    finished.push(node);
                }
            }
        }
    }
    closing.sort_unstable();
    let mut depth = vec![0; after.len()];
    for node in finished.into_iter().rev() {
        let next = depth.get(node).copied().unwrap_or(0) + 1;
        for to in after.get(node).into_iter().flatten() {
            if closing.binary_search(&(node, *to)).is_err()
                && let Some(depth) = depth.get_mut(*to)
            {
                *depth = next.max(*depth);
            }
        }
    }
    depth
}

#[cfg(test)]
mod tests {
    use super::layers;

    #[test]
    fn edges_lead_on_but_for_those_that_close_a_circle() {
        assert_eq!(layers(4, &[(0, 1), (1, 2), (0, 2), (2, 3)]), [[0], [1], [2], [3]]);
        assert_eq!(layers(3, &[(0, 1), (1, 2), (2, 0)]), [[0], [1], [2]]);
        assert_eq!(layers(3, &[(2, 0), (0, 0)]).concat().len(), 3);
        assert!(layers(0, &[]).is_empty());
    }
}
