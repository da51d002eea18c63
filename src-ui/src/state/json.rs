//! JSON laid out for reading. What is kept of a body may be cut short, so nothing here needs it to be whole.

/// How far each level is indented.
const STEP: &str = "  ";

/// The text with a member or item to a line, if it looks like JSON; numbers and texts stay as they are written.
#[must_use]
pub fn laid_out(text: &str) -> Option<String> {
    let text = text.trim();
    text.starts_with(['{', '[']).then(|| {
        let mut out = String::with_capacity(text.len() * 2);
        let mut depth = 0_usize;
        let mut rest = text.chars().peekable();
        while let Some(sign) = rest.next() {
            match sign {
                '"' => {
                    out.push(sign);
                    let mut escaped = false;
                    for sign in rest.by_ref() {
                        out.push(sign);
                        match sign {
                            '"' if !escaped => break,
                            '\\' => escaped = !escaped,
                            _ => escaped = false,
                        }
                    }
                }
                '{' | '[' => {
                    out.push(sign);
                    while rest.next_if(|next| next.is_whitespace()).is_some() {}
                    // What is empty stays on its line.
                    if let Some(end) = rest.next_if(|next| matches!(next, '}' | ']')) {
                        out.push(end);
                    } else {
                        depth += 1;
                        begin_line(&mut out, depth);
                    }
                }
                '}' | ']' => {
                    depth = depth.saturating_sub(1);
                    begin_line(&mut out, depth);
                    out.push(sign);
                }
                ',' => {
                    out.push(sign);
                    begin_line(&mut out, depth);
                }
                ':' => out.push_str(": "),
                sign if sign.is_whitespace() => {}
                sign => out.push(sign),
            }
        }
        out
    })
}

fn begin_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n(STEP, depth));
}

#[cfg(test)]
mod tests {
    use super::laid_out;

    #[test]
    fn a_member_to_a_line() {
        let shown = laid_out(r#"{"a":[1,2.50,{}],"b" : "x, {y}: \"z\\","c":[ ]}"#).expect("it is JSON");
        assert_eq!(
            shown,
            "{\n  \"a\": [\n    1,\n    2.50,\n    {}\n  ],\n  \"b\": \"x, {y}: \\\"z\\\\\",\n  \"c\": []\n}"
        );
        assert_eq!(laid_out(&shown).as_deref(), Some(shown.as_str()), "it can be laid out again");
    }

    #[test]
    fn what_is_cut_short_is_laid_out_as_far_as_it_goes() {
        assert_eq!(
            laid_out(r#"{"a":{"b":"long te…"#).as_deref(),
            Some("{\n  \"a\": {\n    \"b\": \"long te…")
        );
        assert_eq!(laid_out("}]").as_deref(), None);
        assert_eq!(laid_out("[]]}").as_deref(), Some("[]\n]\n}"));
    }

    #[test]
    fn other_texts_are_left_alone() {
        for text in ["", "hello", "<p>", "\"text\"", "12"] {
            assert_eq!(laid_out(text), None);
        }
    }
}
