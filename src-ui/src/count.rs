//! Numbers as people read them.

/// A count as the person writes it: `10,000`, `10.000`, `10 000`.
#[cfg(target_arch = "wasm32")]
#[must_use]
pub fn grouped(count: u32) -> String {
    js_sys::Number::from(count).to_locale_string("default").into()
}

/// A count with its thousands apart; off wasm as in English.
#[cfg(not(target_arch = "wasm32"))]
#[must_use]
pub fn grouped(count: u32) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_stand_apart() {
        for (count, expected) in
            [(0, "0"), (999, "999"), (1_000, "1,000"), (10_000, "10,000"), (1_234_567, "1,234,567")]
        {
            assert_eq!(grouped(count), expected);
        }
    }
}
