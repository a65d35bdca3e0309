//! Which span of time is nearest to a time, and how near one of another group is.
//!
//! A search costs the logarithm of the number of spans, however many of them overlap.

use kql_types::Ticks;

/// Spans of time, each with what it is the span of and the group that this belongs to.
#[derive(Debug, Default)]
pub(crate) struct Spans {
    /// By their first time.
    sorted: Vec<Span>,
    /// For each of them: of it and those before it, the one that ends last.
    latest: Vec<Latest>,
    /// For each of them: the next one of another group.
    next_other: Vec<Option<usize>>,
}

#[derive(Clone, Copy, Debug)]
struct Span {
    first: Ticks,
    last: Ticks,
    item: usize,
    group: usize,
}

#[derive(Clone, Copy, Debug)]
struct Latest {
    last: Ticks,
    item: usize,
    group: usize,
    /// When the one that ends last of the other groups ends.
    other: Option<Ticks>,
}

/// The span nearest to a time: of those that contain it the one that ends last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Near {
    pub(crate) distance: Ticks,
    pub(crate) item: usize,
    group: usize,
    /// The distance of the nearest span of any other group.
    pub(crate) rival: Option<Ticks>,
}

impl Spans {
    /// Adds a span; [`Spans::settle`] has to follow before a search.
    pub(crate) fn add(&mut self, item: usize, group: usize, first: Ticks, last: Ticks) {
        self.sorted.push(Span { first, last, item, group });
    }

    /// Makes it ready to be searched.
    pub(crate) fn settle(&mut self) {
        self.sorted.sort_unstable_by_key(|span| (span.first, std::cmp::Reverse(span.item)));
        self.latest.clear();
        let mut latest: Option<Latest> = None;
        for span in &self.sorted {
            work::done();
            let latest = latest.insert(match latest {
                None => Latest { last: span.last, item: span.item, group: span.group, other: None },
                Some(known) => known.with(span),
            });
            self.latest.push(*latest);
        }
        self.next_other = vec![None; self.sorted.len()];
        let mut next: Option<(usize, Span, Option<usize>)> = None;
        for (at, span) in self.sorted.iter().enumerate().rev() {
            work::done();
            let other =
                next.and_then(
                    |(place, following, other)| {
                        if following.group == span.group { other } else { Some(place) }
                    },
                );
            if let Some(place) = self.next_other.get_mut(at) {
                *place = other;
            }
            next = Some((at, *span, other));
        }
    }

    /// Returns the span nearest to a time.
    pub(crate) fn nearest(&self, time: Ticks) -> Option<Near> {
        let at = self.sorted.partition_point(|span| {
            work::done();
            span.first <= time
        });
        let since = |last: Ticks| time.saturating_sub(last).max(0);
        let until = |first: Ticks| first.saturating_sub(time);
        let before = at.checked_sub(1).and_then(|at| self.latest.get(at)).map(|latest| Near {
            distance: since(latest.last),
            item: latest.item,
            group: latest.group,
            rival: latest.other.map(since),
        });
        let after = self.sorted.get(at).map(|span| {
            let other = self.next_other.get(at).copied().flatten();
            Near {
                distance: until(span.first),
                item: span.item,
                group: span.group,
                rival: other.and_then(|at| self.sorted.get(at)).map(|span| until(span.first)),
            }
        });
        Near::nearer(before, after)
    }
}

impl Latest {
    fn with(self, span: &Span) -> Self {
        let is_later = (span.last, span.item) > (self.last, self.item);
        let (last, item) = if is_later { (span.last, span.item) } else { (self.last, self.item) };
        if span.group == self.group {
            return Self { last, item, ..self };
        }
        let other = Some(if is_later { self.last } else { span.last }).max(self.other);
        let group = if is_later { span.group } else { self.group };
        Self { last, item, group, other }
    }
}

impl Near {
    /// Returns the nearer of two, of sets of spans that are searched as one.
    pub(crate) fn nearer(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        let (Some(one), Some(other)) = (one, other) else { return one.or(other) };
        let key = |near: &Self| (near.distance, std::cmp::Reverse(near.item));
        let (best, rest) = if key(&one) <= key(&other) { (one, other) } else { (other, one) };
        let rivals = if best.group == rest.group {
            [best.rival, rest.rival]
        } else {
            [best.rival, Some(rest.distance)]
        };
        Some(Self { rival: rivals.into_iter().flatten().min(), ..best })
    }
}

/// How often a span was looked at, for tests of what a search costs.
pub(crate) mod work {
    #[cfg(test)]
    thread_local! {
        static DONE: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
    }

    /// Notes that a span was looked at.
    pub(super) fn done() {
        #[cfg(test)]
        DONE.with(|done| done.set(done.get().saturating_add(1)));
    }

    /// Returns how often one was since the last call.
    #[cfg(test)]
    pub(crate) fn take() -> usize {
        DONE.with(|done| done.replace(0))
    }
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "small numbers")]
mod tests {
    use super::*;

    fn spans(of: &[(usize, Ticks, Ticks)]) -> Spans {
        let mut spans = Spans::default();
        for (item, (group, first, last)) in of.iter().enumerate() {
            spans.add(item, *group, *first, *last);
        }
        spans.settle();
        spans
    }

    /// Looks at every span.
    fn by_hand(of: &[(usize, Ticks, Ticks)], time: Ticks) -> Option<(Ticks, Option<Ticks>)> {
        let far = |(group, first, last): &(usize, Ticks, Ticks)| {
            ((first - time).max(time - last).max(0), *group)
        };
        let (distance, _) = of.iter().map(far).min()?;
        let groups: std::collections::BTreeSet<usize> =
            of.iter().map(far).filter(|it| it.0 == distance).map(|it| it.1).collect();
        let rival = match groups.len() {
            1 => of.iter().map(far).filter(|it| !groups.contains(&it.1)).map(|it| it.0).min(),
            _ => Some(distance),
        };
        Some((distance, rival))
    }

    #[test]
    fn finds_what_looking_at_every_span_finds() {
        let mut seed = 7_u64;
        let mut random = |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            i64::try_from((seed >> 33) % below).unwrap()
        };
        for round in 0..400 {
            let count = random(9);
            let made: Vec<_> = (0..count)
                .map(|_| {
                    let first = random(40);
                    (usize::try_from(random(3)).unwrap(), first, first + random(15))
                })
                .collect();
            let spans = spans(&made);
            for time in -5..60 {
                let found = spans.nearest(time).map(|near| (near.distance, near.rival));
                assert_eq!(found, by_hand(&made, time), "round {round}: {made:?} at {time}");
            }
        }
    }

    #[test]
    fn a_search_looks_at_few_of_many_that_overlap() {
        let many: Vec<_> = (0..4_096).map(|at| (at % 5, 0, 1_000)).collect();
        let spans = spans(&many);
        work::take();
        spans.nearest(500).unwrap();
        assert!(work::take() <= 14);
    }
}
