//! How chats mark up text, and how text that is not ours is kept from being markup.

/// One dialect.
pub(super) struct Markup {
    /// Makes a text that is not ours harmless.
    pub(super) escape: fn(&str) -> String,
    /// A name in code.
    pub(super) code: fn(&str) -> String,
    /// A word of ours that stands out.
    pub(super) bold: fn(&str) -> String,
    /// A link of ours: text, address.
    pub(super) link: fn(&str, &str) -> String,
}

/// Slack's mrkdwn. `&`, `<` and `>` are all that has to be escaped
/// (<https://docs.slack.dev/messaging/formatting-message-text#escaping>): mentions and links need `<`. There is no
/// escape for `*`, `~` and backquotes, so outside code they are written with their full-width forms.
pub(super) const MRKDWN: Markup = Markup {
    escape: |text| escape_mrkdwn(&widened(text, "*`~")),
    code: |text| format!("`{}`", escape_mrkdwn(&text.replace('`', "'"))),
    bold: |text| format!("*{text}*"),
    link: |text, url| format!("<{url}|{text}>"),
};

/// The Markdown that WeCom, DingTalk and Feishu know, each a little of it. None documents an escape that all of them
/// honour, so what could be markup is written with the full-width forms of the same characters. Mentions
/// (`<@all>`, `<at id=all>`) need `<`.
pub(super) const MARKDOWN: Markup = Markup {
    escape: escape_markdown,
    code: |text| {
        format!("`{}`", text.replace('`', "'").replace('<', "＜").replace('>', "＞").replace("](", "］("))
    },
    bold: |text| format!("**{text}**"),
    link: |text, url| format!("[{text}]({url})"),
};

/// A text that Slack shows as it is, but for `*`, `~` and backquotes.
pub(super) fn escape_mrkdwn(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn escape_markdown(text: &str) -> String {
    widened(text, "*`~<>[]#|!")
}

/// Some characters of ASCII in their full-width forms.
fn widened(text: &str, which: &str) -> String {
    let widen = |c: char| match which.contains(c) {
        // The forms have the order of ASCII, from ! at U+FF01 on.
        true => char::from_u32(u32::from(c) - u32::from('!') + 0xff01).unwrap_or(c),
        false => c,
    };
    text.chars().map(widen).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mentions_and_links_are_text() {
        let hostile = "<!channel> <@all> [x](http://evil) `*a*` &lt;";
        let slack = (MRKDWN.escape)(hostile);
        assert_eq!(slack, "&lt;!channel&gt; &lt;@all&gt; [x](http://evil) ｀＊a＊｀ &amp;lt;");
        assert_eq!((MRKDWN.code)("a`<!here>"), "`a'&lt;!here&gt;`");
        let others = (MARKDOWN.escape)(hostile);
        assert_eq!(others, "＜！channel＞ ＜@all＞ ［x］(http://evil) ｀＊a＊｀ &lt;");
        assert_eq!((MARKDOWN.code)("main.(*T[...]).f`<x>[a](b)"), "`main.(*T[...]).f'＜x＞[a］(b)`");
    }
}
