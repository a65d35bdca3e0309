//! Text from anywhere as part of a page.

use std::fmt;

use crate::text::visible::Visible;

/// Longest text that is written into the page; longer ones are cut, with an ellipsis.
const MAX_TEXT: usize = 2_000;

/// Displays text with nothing in it that HTML, in content or in an attribute in quotes, takes for
/// markup, and nothing that hides or reverses what is read.
pub(crate) struct Text<'a>(pub(crate) &'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let visible = Visible::new(self.0, MAX_TEXT);
        for char in visible.cut(MAX_TEXT).chars() {
            match char {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                other => write!(f, "{other}")?,
            }
        }
        Ok(())
    }
}

/// Returns JSON that can stand inside a script element: no `<` and no `>`, which JSON has in strings
/// only.
pub(crate) fn for_script(json: &str) -> String {
    json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_that_html_would_act_on() {
        let text = "<img src=x onerror='a&b' \"\u{202e}\u{1b}[0m";
        assert_eq!(
            Text(text).to_string(),
            "&lt;img src=x onerror=&#39;a&amp;b&#39; &quot;\\u{202e}\\x1b[0m"
        );
        assert_eq!(
            for_script(r#"{"a":"</script><!--"}"#),
            r#"{"a":"\u003c/script\u003e\u003c!--"}"#
        );
    }
}
