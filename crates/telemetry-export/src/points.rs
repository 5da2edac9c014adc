//! Values of one metric as they are read: with their labels, and only those that are known.

use std::fmt;

use crate::histogram::Histogram;
use crate::label_value;

/// The values of one metric of one target, or of the agent.
#[derive(Debug)]
pub(crate) struct Points {
    names: &'static [&'static str],
    points: Vec<Point>,
}

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Point {
    /// What follows the metric's name: `_bucket` and the like, of histograms.
    pub(crate) suffix: &'static str,
    /// Its labels, each followed by a comma, escaped.
    pub(crate) labels: String,
    pub(crate) value: Number,
}

/// A number as it was measured: whole ones are written exactly.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Number {
    Whole(u64),
    Real(f64),
    /// Nobody knows, so there is no series.
    Unknown,
}

impl Points {
    /// For a metric with these labels.
    pub(crate) fn new(names: &'static [&'static str]) -> Points {
        Points { names, points: Vec::new() }
    }

    /// The value of a metric without labels, if it is known.
    pub(crate) fn put(&mut self, value: impl Into<Number>) {
        self.put_labelled(&[], value);
    }

    /// A value with labels, in the order of the metric's. Names that differ only in what is cut off look alike: they are
    /// added up, since a series that comes twice would spoil the whole scrape.
    pub(crate) fn put_labelled(&mut self, values: &[&str], value: impl Into<Number>) {
        let value = value.into();
        if value == Number::Unknown {
            return;
        }
        let mut labels = String::new();
        for (name, value) in self.names.iter().zip(values) {
            label_value::append(&mut labels, name, value);
        }
        match self.points.iter_mut().find(|point| point.labels == labels) {
            Some(point) => point.value = point.value.plus(value),
            None => self.points.push(Point { suffix: "", labels, value }),
        }
    }

    /// A histogram without labels. One without a sum has no count either, as OpenMetrics wants it.
    pub(crate) fn put_histogram(&mut self, histogram: &Histogram) {
        let mut put = |suffix, bound: Option<f64>, value: Number| {
            let mut labels = String::new();
            if let Some(bound) = bound {
                label_value::append(&mut labels, "le", &Number::Real(bound).to_string());
            }
            self.points.push(Point { suffix, labels, value });
        };
        for (bound, count) in &histogram.cumulative {
            put("_bucket", Some(*bound), Number::Whole(*count));
        }
        put("_bucket", Some(f64::INFINITY), Number::Whole(histogram.count));
        if let Some(sum) = histogram.sum {
            put("_count", None, Number::Whole(histogram.count));
            put("_sum", None, Number::Real(sum));
        }
    }

    pub(crate) fn into_points(self) -> Vec<Point> {
        self.points
    }
}

impl Number {
    #[expect(clippy::cast_precision_loss, reason = "only where the other one is a rounded number anyway")]
    fn plus(self, other: Number) -> Number {
        match (self, other) {
            (Number::Whole(a), Number::Whole(b)) => Number::Whole(a.saturating_add(b)),
            (Number::Real(a), Number::Real(b)) => Number::Real(a + b),
            (Number::Real(real), Number::Whole(whole)) | (Number::Whole(whole), Number::Real(real)) => {
                Number::Real(real + whole as f64)
            }
            (known, Number::Unknown) | (Number::Unknown, known) => known,
        }
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Number {
        Number::Whole(value)
    }
}

impl From<f64> for Number {
    /// What is no number is what somebody did not know.
    fn from(value: f64) -> Number {
        if value.is_nan() { Number::Unknown } else { Number::Real(value) }
    }
}

impl<N: Into<Number>> From<Option<N>> for Number {
    fn from(value: Option<N>) -> Number {
        value.map_or(Number::Unknown, Into::into)
    }
}

impl fmt::Display for Number {
    /// As both formats write numbers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Number::Whole(value) => write!(f, "{value}"),
            Number::Real(value) if value.is_infinite() => {
                f.write_str(if value > 0.0 { "+Inf" } else { "-Inf" })
            }
            Number::Real(value) => write!(f, "{value:?}"),
            Number::Unknown => f.write_str("NaN"),
        }
    }
}
