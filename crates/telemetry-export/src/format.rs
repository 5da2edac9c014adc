//! The two text formats of metrics, and which of them a client wants.

/// A text format of metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// OpenMetrics 1.0.
    OpenMetrics,
    /// The older format of Prometheus, version 0.0.4, which everything reads.
    Prometheus,
}

impl Format {
    /// What an answer in this format says that it is.
    pub fn content_type(self) -> &'static str {
        match self {
            Format::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Format::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
        }
    }

    /// The format that an `Accept` header prefers (RFC 9110, section 12.5.1), OpenMetrics if it likes both as much.
    /// Without a header, or with one that names neither: that of Prometheus, which is readable text to anybody.
    ///
    /// ```
    /// use telemetry_export::Format;
    /// let header = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
    /// assert_eq!(Format::for_accept(Some(header)), Format::OpenMetrics);
    /// assert_eq!(Format::for_accept(Some("text/html, */*;q=0.8")), Format::Prometheus);
    /// assert_eq!(Format::for_accept(None), Format::Prometheus);
    /// ```
    pub fn for_accept(accept: Option<&str>) -> Format {
        let mut best = (0.0, Format::Prometheus);
        for (quality, format) in
            accept.into_iter().flat_map(|header| header.split(',')).filter_map(preference)
        {
            let is_better = quality > best.0 || (quality >= best.0 && format == Format::OpenMetrics);
            if is_better && quality > 0.0 {
                best = (quality, format);
            }
        }
        best.1
    }
}

/// One element of an `Accept` header, if it names a format of ours.
fn preference(element: &str) -> Option<(f64, Format)> {
    let mut parts = element.split(';').map(str::trim);
    let media_type = parts.next()?.to_ascii_lowercase();
    let (mut quality, mut version) = (1.0, None);
    for parameter in parts {
        match parameter.split_once('=').map(|(key, value)| (key.trim().to_ascii_lowercase(), value.trim())) {
            Some((key, value)) if key == "q" => {
                quality = value.parse().ok().filter(|q| (0.0..=1.0).contains(q))?
            }
            Some((key, value)) if key == "version" => version = Some(value.trim_matches('"')),
            _ => {}
        }
    }
    let format = match (media_type.as_str(), version) {
        ("application/openmetrics-text", None | Some("1.0.0")) => Format::OpenMetrics,
        ("text/plain", None | Some("0.0.4")) | ("text/*" | "*/*", _) => Format::Prometheus,
        _ => return None,
    };
    Some((quality, format))
}

#[cfg(test)]
mod tests {
    use super::Format::{self, *};

    #[test]
    fn the_format_that_is_wanted_most() {
        for (accept, format) in [
            (
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
                 text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                OpenMetrics,
            ),
            ("text/plain;version=0.0.4;q=0.5,application/openmetrics-text;q=0.5", OpenMetrics),
            ("application/openmetrics-text;q=0.4, text/plain", Prometheus),
            ("application/openmetrics-text; version=\"1.0.0\"; charset=utf-8", OpenMetrics),
            ("Application/OpenMetrics-Text", OpenMetrics),
            ("application/openmetrics-text;version=0.0.1,text/plain;q=0.1", Prometheus),
            ("application/openmetrics-text;version=2.0.0", Prometheus),
            ("application/openmetrics-text;q=0", Prometheus),
            ("application/openmetrics-text;q=NaN", Prometheus),
            ("application/openmetrics-text;q=7", Prometheus),
            ("application/json", Prometheus),
            ("", Prometheus),
            (",;=,;q=;,", Prometheus),
        ] {
            assert_eq!(Format::for_accept(Some(accept)), format, "{accept}");
        }
    }
}
