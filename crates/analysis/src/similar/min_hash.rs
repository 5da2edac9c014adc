//! MinHash signatures of sets, and which of them may be alike: locality-sensitive hashing by bands.

use rustc_hash::{FxHashMap, FxHashSet};

/// Values in a signature.
pub(super) const VALUES: usize = 64;
/// Values in a band. Two sets of similarity s share one of the 16 bands with probability 1 - (1 - s^4)^16: above
/// 0.999 at s = 0.8, where clusters begin, and 0.06 at s = 0.25.
const BAND: usize = 4;
/// Neighbours in a bucket that each set is compared with. A bucket of n sets would have n²/2 pairs; sets that are
/// all alike are connected through these just as well.
const COMPARED_IN_BUCKET: usize = 32;

/// For each of 64 hash functions, the least value that any element has. The share of equal values in two signatures
/// estimates the similarity (Jaccard) of their sets.
pub(super) type Signature = [u64; VALUES];

/// The signature of a set of hashed elements. The empty set has the greatest value everywhere.
pub(super) fn signature(elements: &[u64]) -> Signature {
    let mut signature = [u64::MAX; VALUES];
    for element in elements {
        for (value, seed) in signature.iter_mut().zip(0u64..) {
            *value = (*value).min(mixed(*element, seed));
        }
    }
    signature
}

/// Pairs (smaller position first, each once) of signatures that share a band, and at most
/// 16 * 32 of them for each signature.
pub(super) fn candidate_pairs(signatures: &[Signature]) -> Vec<(usize, usize)> {
    let mut pairs: FxHashSet<(usize, usize)> = FxHashSet::default();
    for band in 0..VALUES / BAND {
        let mut buckets: FxHashMap<&[u64], Vec<usize>> = FxHashMap::default();
        for (position, signature) in signatures.iter().enumerate() {
            let Some(values) = signature.get(band * BAND..(band + 1) * BAND) else { continue };
            let bucket = buckets.entry(values).or_default();
            pairs.extend(bucket.iter().rev().take(COMPARED_IN_BUCKET).map(|&earlier| (earlier, position)));
            bucket.push(position);
        }
    }
    let mut pairs: Vec<_> = pairs.into_iter().collect();
    pairs.sort_unstable();
    pairs
}

/// A hash function for each seed: the finalizer of SplitMix64, which changes every bit by every other.
fn mixed(element: u64, seed: u64) -> u64 {
    let mut value = element ^ seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Sets of up to 15 elements of which the first `shared` are the same.
    fn sets(shared: u64, own: u64, salt: u64) -> (Vec<u64>, Vec<u64>) {
        let element = |n: u64| mixed(n, salt);
        let a = (0..shared + own).map(element).collect();
        let b = (0..shared).chain(1000..1000 + own).map(element).collect();
        (a, b)
    }

    fn similarity(a: u64, b: u64) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let ratio = a as f64 / b as f64;
        ratio
    }

    proptest! {
        /// The mean over many hash functions is the similarity; 64 of them are within 5 standard deviations.
        #[test]
        fn equal_values_estimate_the_exact_similarity(shared in 0u64..15, own in 0u64..8, salt: u64) {
            prop_assume!(shared + own > 0);
            let (a, b) = sets(shared, own, salt);
            let exact = similarity(shared, shared + 2 * own);
            let (a, b) = (signature(&a), signature(&b));
            let equal = a.iter().zip(&b).filter(|(a, b)| a == b).count() as u64;
            let estimate = similarity(equal, 64);
            let deviation = (exact * (1.0 - exact) / 64.0).sqrt();
            prop_assert!((estimate - exact).abs() <= 5.0 * deviation + 1e-9, "{estimate} for {exact}");
        }

        #[test]
        fn pairs_are_ordered_distinct_and_bounded(values in prop::collection::vec(0u64..4, 0..200)) {
            let signatures: Vec<Signature> = values.iter().map(|value| signature(&[*value])).collect();
            let pairs = candidate_pairs(&signatures);
            prop_assert!(pairs.is_sorted() && pairs.iter().all(|(a, b)| a < b));
            prop_assert!(pairs.len() <= values.len() * COMPARED_IN_BUCKET * VALUES / BAND);
            // Equal sets share every band, so neighbours among them are always pairs.
            for value in 0..4 {
                let same: Vec<usize> = (0..values.len()).filter(|&at| values[at] == value).collect();
                for neighbours in same.windows(2) {
                    prop_assert!(pairs.contains(&(neighbours[0], neighbours[1])));
                }
            }
        }
    }

    #[test]
    fn sets_as_alike_as_clusters_need_are_found() {
        // Eight of ten frames: similarity 0.8. One in a thousand may be missed.
        let missed = (0..2000)
            .filter(|salt| {
                let (a, b) = sets(8, 1, *salt);
                candidate_pairs(&[signature(&a), signature(&b)]).is_empty()
            })
            .count();
        assert!(missed <= 6, "{missed} of 2000");
    }
}
