//! The period of a series, where it has to be found.
//!
//! The engine's way to score periods is not published. What is: that a period has 4 elements at least and half
//! of the series at most, and that it counts from a score on. Nine of its answers are known: of a series of 60,
//! only 14 counts, with 0.84, though the autocorrelation at 28 is as high; of five of 840 with a weekly pattern, a
//! daily one and a trend, 168 counts; of one of 25 and one of 20, 6 and 5; of one of 12 that is the same six
//! numbers twice, none, and nearly all of its power is at another frequency. So a period has to have a good part
//! of the series' power, and its score lies between the unbiased autocorrelation and what is in the middle
//! between that and the biased one. What both readings agree on, with the trend and without it, is taken for
//! the answer; for any other series there is none.

use datafusion_common::{Result, exec_err};

use rustfft::{FftPlannerScalar, num_complex::Complex};

use super::{Line, numbers::count};

/// The shortest period.
const SHORTEST: usize = 4;
/// How far a score has to be from the threshold, and from the score of another period, to be told apart.
const MARGIN: f64 = 0.05;
/// The part of the power that a period has, of the answers known, is 0.24 at least; below [`NONE`] there is none.
const POWER: f64 = 0.2;
const NONE: f64 = 0.1;

/// Finds the period of a series, `None` if it has none. Takes time that is quadratic in the length.
///
/// # Errors
///
/// Readings of the documentation disagree.
pub(super) fn period(values: &[f64], threshold: f64) -> Result<Option<usize>> {
    if values.len() / 2 < SHORTEST {
        return Ok(None);
    }
    let readings = [correlations(values), correlations(&without_trend(values))];
    let best = readings.each_ref().map(Correlations::highest);
    if let [Some(one), Some(other)] = best
        && one.at == other.at
        && readings.iter().all(|it| it.is_clear(one.at, threshold))
    {
        return Ok(Some(one.at));
    }
    let is_none = |peak: &Peak| peak.high < threshold - MARGIN || peak.power < NONE;
    if readings.iter().all(|it| it.peaks.iter().all(is_none)) {
        return Ok(None);
    }
    exec_err!(
        "whether a series of {} elements has a period, and which, is not clear: how Kusto scores them is not \
         published; give the period in the call",
        values.len()
    )
}

/// The places at which a series is like itself.
struct Correlations {
    peaks: Vec<Peak>,
}

/// A place at which the autocorrelation is not below that of its neighbours.
#[derive(Clone, Copy)]
struct Peak {
    at: usize,
    /// The biased autocorrelation.
    biased: f64,
    /// The mean of that and the next, in proportion.
    low: f64,
    /// The unbiased one.
    high: f64,
    /// The part of the power that the nearest frequency has.
    power: f64,
}

impl Correlations {
    fn highest(&self) -> Option<Peak> {
        let likely = self.peaks.iter().copied().filter(|peak| peak.power >= NONE);
        likely.max_by(|one, other| one.biased.total_cmp(&other.biased))
    }

    /// Tells whether a period counts, and none beside it.
    fn is_clear(&self, at: usize, threshold: f64) -> bool {
        let Some(period) = self.peaks.iter().find(|peak| peak.at == at) else { return false };
        let is_less = |peak: &Peak| {
            let margin = if peak.at.is_multiple_of(at) { MARGIN } else { -MARGIN };
            peak.at == at || peak.power < NONE || peak.high < period.high + margin
        };
        period.low >= threshold && period.power >= POWER && self.peaks.iter().all(is_less)
    }
}

fn correlations(values: &[f64]) -> Correlations {
    let n = values.len();
    let mean = values.iter().sum::<f64>() / count(n);
    let centred: Vec<f64> = values.iter().map(|value| value - mean).collect();
    let square: f64 = centred.iter().map(|it| it * it).sum();
    let size: f64 = values.iter().map(|it| it * it).sum();
    // What rounding leaves of a series that is constant, or a line, is like itself nowhere.
    if square <= size * f64::EPSILON * count(n) {
        return Correlations { peaks: Vec::new() };
    }
    let product = |lag: usize| -> f64 {
        centred.iter().zip(centred.iter().skip(lag)).map(|(one, other)| one * other).sum()
    };
    let longest = n / 2;
    let biased: Vec<f64> =
        (0..=longest.saturating_add(1)).map(|lag| product(lag) / square).collect();
    let power = power(&centred);
    let peaks = biased.windows(3).enumerate().filter_map(|(before, three)| {
        let [left, biased, right] = <[f64; 3]>::try_from(three).ok()?;
        let at = before.checked_add(1)?;
        let is_peak = (SHORTEST..=longest).contains(&at) && biased >= left && biased >= right;
        let scale = count(n) / count(n.checked_sub(at)?);
        let near = [n.checked_div(at)?, n.div_ceil(at)];
        let power = near.iter().filter_map(|it| power.get(*it)).copied().fold(0.0, f64::max);
        let (low, high) = (biased * scale.sqrt(), biased * scale);
        is_peak.then_some(Peak { at, biased, low, high, power })
    });
    Correlations { peaks: peaks.collect() }
}

/// Returns the part of the power at each frequency up to half of the length; at 0 there is none.
fn power(centred: &[f64]) -> Vec<f64> {
    let mut series: Vec<_> = centred.iter().map(|re| Complex { re: *re, im: 0.0 }).collect();
    FftPlannerScalar::new().plan_fft_forward(series.len()).process(&mut series);
    let half = series.len() / 2;
    let powers: Vec<f64> =
        series.iter().take(half.saturating_add(1)).map(Complex::norm_sqr).collect();
    let all: f64 = powers.iter().skip(1).sum();
    powers.iter().enumerate().map(|(at, it)| if at == 0 { 0.0 } else { it / all }).collect()
}

fn without_trend(values: &[f64]) -> Vec<f64> {
    let line = Line::fit(values);
    values.iter().enumerate().map(|(at, value)| value - line.at(count(at))).collect()
}

#[cfg(test)]
mod tests {
    use super::period;

    /// The documentation's series, of which it says that 14 has a score of 0.84 and that there is no other.
    const TRAFFIC: [f64; 60] = [
        80.0, 139.0, 87.0, 110.0, 68.0, 54.0, 50.0, 51.0, 53.0, 133.0, 86.0, 141.0, 97.0, 156.0,
        94.0, 149.0, 95.0, 140.0, 77.0, 61.0, 50.0, 54.0, 47.0, 133.0, 72.0, 152.0, 94.0, 148.0,
        105.0, 162.0, 101.0, 160.0, 87.0, 63.0, 53.0, 55.0, 54.0, 151.0, 103.0, 189.0, 108.0,
        183.0, 113.0, 175.0, 113.0, 178.0, 90.0, 71.0, 62.0, 62.0, 65.0, 165.0, 109.0, 181.0,
        115.0, 182.0, 121.0, 178.0, 114.0, 170.0,
    ];

    #[test]
    fn the_period_of_the_documented_series_is_found() {
        assert_eq!(period(&TRAFFIC, 0.6).unwrap(), Some(14));
    }

    #[test]
    fn what_repeats_nowhere_has_no_period() {
        let quiet = vec![3.0; 100];
        let line: Vec<f64> = (0..100).map(f64::from).collect();
        let mut spike = vec![0.0; 100];
        spike[70] = 9.0;
        for series in [&quiet, &line, &spike, &vec![1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0]] {
            assert_eq!(period(series, 0.6).unwrap(), None);
        }
    }

    /// Measured, of `series_seasonal`.
    #[test]
    fn periods_are_those_that_the_engine_finds() {
        let waves = [
            2.0, 5.0, 3.0, 4.0, 3.0, 2.0, 1.0, 2.0, 3.0, 4.0, 3.0, 2.0, 1.0, 2.0, 3.0, 4.0, 3.0,
            2.0, 1.0, 2.0, 3.0, 4.0, 3.0, 2.0, 1.0,
        ];
        assert_eq!(period(&waves, 0.6).unwrap(), Some(6));
        let hills = [8.0, 12.0, 14.0, 12.0, 10.0];
        let hills: Vec<f64> =
            hills.into_iter().chain([10.0, 12.0, 14.0, 12.0, 10.0].repeat(3)).collect();
        assert_eq!(period(&hills, 0.6).unwrap(), Some(5));
        assert_eq!(period(&[1.0, 3.0, 5.0, 2.0, 4.0, 6.0].repeat(2), 0.6).unwrap(), None);
    }

    #[test]
    fn what_readings_disagree_on_is_an_error() {
        let noisy: Vec<f64> =
            (0..40).map(|at| f64::from(at % 8) + f64::from(at * at * 7 % 11) * 0.45).collect();
        period(&noisy, 0.6).unwrap_err();
    }
}
