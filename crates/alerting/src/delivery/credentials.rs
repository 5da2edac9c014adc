//! What a sink needs to be let in: read from files and environment variables, and never shown.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::delivery::Address;
use crate::error::AlertingError;
use crate::settings::SinkSettings;

/// Longer than any address or key.
const SECRET_BYTES_MAX: u64 = 16 << 10;
/// Shorter texts are not replaced in errors: they would be found everywhere.
const REDACTED_FROM: usize = 4;

/// Address, key and authorization of a sink. No `Debug`, on purpose.
pub(super) struct Credentials {
    pub(super) address: Address,
    pub(super) secret: Option<String>,
    pub(super) authorization: Option<String>,
}

impl Credentials {
    /// Reads them as they are now: files may change while the agent runs.
    pub(super) fn read(settings: &SinkSettings) -> Result<Credentials, AlertingError> {
        let sink = &settings.name;
        let address = match settings.plain_url() {
            Some(address) => address,
            None => {
                let file = settings.url_file.as_deref().map(|path| ("url_file", path));
                let variable = settings.url_env.as_deref().map(|name| ("url_env", name));
                let text = read(sink, file, variable)?;
                Address::new(&text.unwrap_or_default())
            }
        };
        address.check(sink)?;
        let secret = read(
            sink,
            settings.secret_file.as_deref().map(|path| ("secret_file", path)),
            settings.secret_env.as_deref().map(|name| ("secret_env", name)),
        )?;
        let authorization = read(
            sink,
            settings.authorization_file.as_deref().map(|path| ("authorization_file", path)),
            settings.authorization_env.as_deref().map(|name| ("authorization_env", name)),
        )?;
        Ok(Credentials { address, secret, authorization })
    }

    /// A text of others (an answer, an error) without any of our secrets in it.
    pub(super) fn redact(&self, text: &str) -> String {
        let mut hidden = self.address.secret_parts();
        hidden.extend(self.secret.clone());
        let authorization = self.authorization.iter();
        hidden.extend(
            authorization
                .flat_map(|value| value.split_whitespace().map(str::to_owned).chain([value.clone()])),
        );
        // The longest first, so that no rest of one is left by another.
        hidden.sort_by_key(|part| std::cmp::Reverse(part.len()));
        let hidden = hidden.iter().filter(|part| part.len() >= REDACTED_FROM);
        hidden.fold(text.to_owned(), |text, part| text.replace(part.as_str(), "[redacted]"))
    }
}

fn read(
    sink: &str,
    file: Option<(&'static str, &Path)>,
    variable: Option<(&'static str, &str)>,
) -> Result<Option<String>, AlertingError> {
    let sink = sink.to_owned();
    let (setting, text) = match (file, variable) {
        (Some((setting, path)), _) => match read_file(path) {
            Ok(text) => (setting, text),
            Err(source) => {
                return Err(AlertingError::SecretFile { sink, setting, path: path.to_owned(), source });
            }
        },
        (None, Some((setting, variable))) => match std::env::var(variable) {
            Ok(text) => (setting, text),
            Err(_) => {
                return Err(AlertingError::SecretVariable { sink, setting, variable: variable.to_owned() });
            }
        },
        (None, None) => return Ok(None),
    };
    let text = text.trim().to_owned();
    // A header or an address with a line feed in it would be two.
    let is_line = !text.is_empty() && !text.chars().any(char::is_control);
    if is_line { Ok(Some(text)) } else { Err(AlertingError::SecretForm { sink, setting }) }
}

fn read_file(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(SECRET_BYTES_MAX).read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::SinkType;

    fn settings(directory: &Path, url: &str) -> SinkSettings {
        let file = directory.join("url");
        std::fs::write(&file, url).unwrap();
        SinkSettings { url_file: Some(file), ..SinkSettings::new("team", SinkType::Feishu) }
    }

    #[test]
    fn secrets_are_read_and_hidden() {
        let directory = tempfile::tempdir().unwrap();
        let key = directory.path().join("key");
        std::fs::write(&key, "s3cret-key\n").unwrap();
        let mut settings =
            settings(directory.path(), "https://open.feishu.cn/open-apis/bot/v2/hook/abcdef-123456\n");
        settings.secret_file = Some(key);
        let read = Credentials::read(&settings).unwrap();
        assert_eq!(read.secret.as_deref(), Some("s3cret-key"));
        let said = "POST /open-apis/bot/v2/hook/abcdef-123456 and abcdef-123456 with s3cret-key";
        assert_eq!(read.redact(said), "POST [redacted] and [redacted] with [redacted]");
    }

    #[test]
    fn what_cannot_be_read_is_named_and_not_shown() {
        let directory = tempfile::tempdir().unwrap();
        let mut settings = settings(directory.path(), "https://a/hook\nhttps://b/SECRETPART");
        let error = Credentials::read(&settings).err().unwrap().to_string();
        assert!(
            error.contains("team") && error.contains("url_file") && !error.contains("SECRETPART"),
            "{error}"
        );
        settings.url_file = Some(directory.path().join("absent"));
        let error = Credentials::read(&settings).err().unwrap().to_string();
        assert!(error.contains("absent") && error.contains("No such file"), "{error}");
        settings.url_file = None;
        settings.url_env = Some("GOSTAT_TEST_VARIABLE_THAT_IS_NOT_SET".to_owned());
        let error = Credentials::read(&settings).err().unwrap().to_string();
        assert!(error.contains("GOSTAT_TEST_VARIABLE_THAT_IS_NOT_SET"), "{error}");
        // One that is there, by cargo; it is no address.
        settings.url_env = Some("CARGO_PKG_NAME".to_owned());
        assert!(matches!(Credentials::read(&settings).err(), Some(AlertingError::Address { .. })));
    }
}
