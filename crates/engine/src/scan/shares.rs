//! Which inputs all threads read together, and which a thread reads by itself.

/// The order in which inputs are read, by their index.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Shares {
    /// Read one after the other, each by all threads: larger than a thread's share of what is left.
    pub(crate) together: Vec<usize>,
    /// Read side by side, each by one thread; the largest first, so that the threads end together.
    pub(crate) apart: Vec<usize>,
}

/// Inputs whose turn has come.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Share {
    /// One that all threads read together.
    Together(usize),
    /// Several, each read by one thread.
    Apart(Vec<usize>),
}

impl Shares {
    /// Returns the shares one after the other; `in_order` if those before are to be read before those
    /// behind as far as the threads' work allows.
    pub(crate) fn in_turn(self, in_order: bool) -> Vec<Share> {
        let mut shares: Vec<Share> = Vec::new();
        if !in_order {
            shares.extend(self.together.into_iter().map(Share::Together));
            shares.extend(Some(Share::Apart(self.apart)).filter(|it| *it != Share::Apart(vec![])));
            return shares;
        }
        let mut all: Vec<(usize, bool)> = self.apart.iter().map(|index| (*index, true)).collect();
        all.extend(self.together.iter().map(|index| (*index, false)));
        all.sort_unstable();
        for (index, is_apart) in all {
            match (is_apart, shares.last_mut()) {
                (false, _) => shares.push(Share::Together(index)),
                (true, Some(Share::Apart(apart))) => apart.push(index),
                (true, _) => shares.push(Share::Apart(vec![index])),
            }
        }
        shares
    }

    /// Divides inputs of so many bytes among threads; 0 is a size that is not known.
    pub(crate) fn new(sizes: &[u64], threads: usize) -> Self {
        let mut order: Vec<usize> = (0..sizes.len()).collect();
        if threads < 2 {
            return Self { together: Vec::new(), apart: order };
        }
        let size = |index: &usize| sizes.get(*index).copied().unwrap_or_default();
        order.sort_by_key(|index| std::cmp::Reverse(size(index)));
        let threads = u64::try_from(threads).unwrap_or(u64::MAX);
        let mut left = sizes.iter().copied().fold(0, u64::saturating_add);
        let more_than_a_share = order.iter().take_while(|index| {
            let is_more = size(index).saturating_mul(threads) > left;
            left = left.saturating_sub(size(index));
            is_more
        });
        let together = more_than_a_share.count();
        let apart = order.split_off(if order.len() == 1 { 1 } else { together });
        Self { together: order, apart }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(sizes: &[u64], threads: usize) -> (Vec<usize>, Vec<usize>) {
        let shares = Shares::new(sizes, threads);
        (shares.together, shares.apart)
    }

    #[test]
    fn what_is_larger_than_a_share_is_read_by_all_threads() {
        assert_eq!(shares(&[1, 90, 2, 7], 2), (vec![1, 3, 2, 0], vec![]));
        assert_eq!(shares(&[10, 90, 10, 10], 2), (vec![1], vec![0, 2, 3]));
        assert_eq!(shares(&[5, 9, 5, 9], 2), (vec![], vec![1, 3, 0, 2]));
        assert_eq!(shares(&[], 2), (vec![], vec![]));
    }

    #[test]
    fn a_lone_input_has_all_threads_whatever_its_size() {
        assert_eq!(shares(&[0], 2), (vec![0], vec![]));
    }

    #[test]
    fn what_may_end_early_is_read_in_order() {
        use Share::{Apart, Together};
        let sizes = [1, 90, 2, 3, 80];
        assert_eq!(
            Shares::new(&sizes, 2).in_turn(true),
            [Apart(vec![0]), Together(1), Apart(vec![2, 3]), Together(4)]
        );
        assert_eq!(Shares::new(&[5, 9, 5, 9], 2).in_turn(false), [Apart(vec![1, 3, 0, 2])]);
    }

    #[test]
    fn one_thread_reads_in_order() {
        assert_eq!(shares(&[1, 90, 2], 1), (vec![], vec![0, 1, 2]));
    }
}
