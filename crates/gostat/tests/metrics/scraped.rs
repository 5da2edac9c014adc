//! A tiny server that is scraped, which says when it was, and what a scrape of it should be stored as.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use telemetry_export::Format;

/// A scrape that has not come by then never will.
const PATIENCE: Duration = Duration::from_secs(120);

/// Labels of a series, `__name__` among them, and its value.
pub(crate) type Series = BTreeMap<BTreeMap<String, String>, f64>;

/// A server of one text, in one format.
pub(crate) struct Scraped {
    port: u16,
    text: Arc<Mutex<String>>,
    scrapes: Receiver<String>,
}

impl Scraped {
    /// Serves nothing at first, on a free port, until the test ends.
    pub(crate) fn serve(format: Format) -> Scraped {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let text =
            Arc::new(Mutex::new(if format == Format::OpenMetrics { "# EOF\n" } else { "" }.to_owned()));
        let (sender, scrapes) = channel();
        let shown = Arc::clone(&text);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                let shown = shown.lock().unwrap().clone();
                // A scraper that hangs up is one that has been stopped.
                let _ = answer(stream, format, &shown, &sender);
            }
        });
        Scraped { port, text, scrapes }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// From now on this is what is served.
    pub(crate) fn show(&self, text: &str) {
        *self.text.lock().unwrap() = text.to_owned();
    }

    /// Waits until somebody has been served once more, and gives the `Accept` header that came with it.
    pub(crate) fn next_scrape(&self) -> String {
        self.scrapes.recv_timeout(PATIENCE).unwrap()
    }
}

fn answer(stream: TcpStream, format: Format, text: &str, scrapes: &Sender<String>) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let mut accept = String::new();
    while let Some(line) = lines.next().transpose()?.filter(|line| !line.is_empty()) {
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("accept:") {
            accept = value.trim().to_owned();
        }
    }
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        format.content_type(),
        text.len()
    );
    (&stream).write_all(head.as_bytes())?;
    (&stream).write_all(text.as_bytes())?;
    let _ = scrapes.send(accept);
    Ok(())
}

/// What a scrape of this text is to be stored as: read here by another way than it was written.
pub(crate) fn stored(text: &str) -> Series {
    let mut series = Series::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (head, value) = line.rsplit_once(' ').unwrap();
        let (name, labels) = head.split_once('{').unwrap_or((head, "}"));
        let mut known = BTreeMap::from([("__name__".to_owned(), name.to_owned())]);
        let mut rest = labels;
        while let Some((key, quoted)) = rest.trim_start_matches(',').split_once('=') {
            // The escapes of a label are those of JSON.
            let mut json = serde_json::Deserializer::from_str(quoted).into_iter::<String>();
            known.insert(key.to_owned(), json.next().unwrap().unwrap());
            rest = &quoted[json.byte_offset()..];
        }
        series.insert(known, value.parse().unwrap());
    }
    series
}
