//! Clusters by density: DBSCAN over a graph of neighbours, with weighted points.

/// The cluster of every point: numbers from 0 in the order in which clusters are met; `None` is noise, points
/// that are near too few.
///
/// A point is in the core of a cluster if it and its neighbours weigh at least `min_weight`. Cores that are neighbours
/// are in one cluster; a point that is no core itself belongs to the cluster of the first core that is its neighbour.
/// `neighbours` has the positions of the points near each point, itself excluded, and must be symmetric.
pub(super) fn clusters(neighbours: &[Vec<usize>], weights: &[u64], min_weight: u64) -> Vec<Option<usize>> {
    let weight = |point: usize| weights.get(point).copied().unwrap_or(0);
    let near = |point: usize| neighbours.get(point).map_or(&[][..], Vec::as_slice);
    let is_core = |point: usize| {
        let others = near(point).iter().map(|&other| weight(other));
        others.fold(weight(point), u64::saturating_add) >= min_weight
    };
    let mut found: Vec<Option<usize>> = vec![None; neighbours.len()];
    let mut count = 0;
    for start in 0..neighbours.len() {
        if found.get(start) != Some(&None) || !is_core(start) {
            continue;
        }
        let mut pending = vec![start];
        while let Some(point) = pending.pop() {
            match found.get_mut(point) {
                Some(cluster @ None) => *cluster = Some(count),
                _ => continue,
            }
            if is_core(point) {
                pending.extend(near(point).iter().rev());
            }
        }
        count += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MIN: u64 = 3;

    /// Whether each pair of cores is connected through cores, by trying every way (Warshall).
    fn connected(points: usize, near: &[Vec<bool>], core: &[bool]) -> Vec<Vec<bool>> {
        let mut reach: Vec<Vec<bool>> = (0..points)
            .map(|a| (0..points).map(|b| core[a] && core[b] && (a == b || near[a][b])).collect())
            .collect();
        for via in 0..points {
            for a in 0..points {
                for b in 0..points {
                    reach[a][b] |= reach[a][via] && reach[via][b];
                }
            }
        }
        reach
    }

    proptest! {
        #[test]
        fn it_is_what_the_definition_says(
            edges in prop::collection::vec((0usize..16, 0usize..16), 0..40),
            weights in prop::collection::vec(1u64..3, 16),
        ) {
            let mut near = vec![vec![false; 16]; 16];
            for (a, b) in edges.into_iter().filter(|(a, b)| a != b) {
                near[a][b] = true;
                near[b][a] = true;
            }
            let lists: Vec<Vec<usize>> =
                near.iter().map(|row| (0..16).filter(|&b| row[b]).collect()).collect();
            let found = clusters(&lists, &weights, MIN);
            let core: Vec<bool> = (0..16)
                .map(|a| weights[a] + lists[a].iter().map(|&b| weights[b]).sum::<u64>() >= MIN)
                .collect();
            let reach = connected(16, &near, &core);
            for a in 0..16 {
                for b in (0..16).filter(|&b| core[a] && core[b]) {
                    prop_assert_eq!(found[a] == found[b], reach[a][b], "cores {} and {}", a, b);
                }
                if core[a] {
                    prop_assert!(found[a].is_some());
                } else {
                    // A border point is in the cluster of a core next to it; noise is next to none.
                    let beside: Vec<_> = lists[a].iter().filter(|&&b| core[b]).map(|&b| found[b]).collect();
                    prop_assert_eq!(found[a].is_none(), beside.is_empty());
                    prop_assert!(found[a].is_none() || beside.contains(&found[a]));
                }
            }
        }
    }

    #[test]
    fn a_heavy_point_is_a_cluster_alone_and_two_light_ones_are_noise() {
        assert_eq!(clusters(&[vec![]], &[3], MIN), [Some(0)]);
        assert_eq!(clusters(&[vec![1], vec![0]], &[1, 1], MIN), [None, None]);
        assert_eq!(clusters(&[vec![1], vec![0]], &[1, 2], MIN), [Some(0), Some(0)]);
        assert_eq!(clusters(&[], &[], MIN), []);
    }
}
