//! Licence expressions: names joined by `OR`, `AND` and parentheses; `/` is an old way to write `OR`.

/// Whether the expression can be met with the allowed licences alone.
pub(crate) fn is_met(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    // `Apache-2.0 WITH LLVM-exception` is one name.
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut tokens: Vec<String> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        if words[at] == "WITH" && at + 1 < words.len() && !tokens.is_empty() {
            let last = tokens.len() - 1;
            tokens[last] = format!("{} WITH {}", tokens[last], words[at + 1]);
            at += 1;
        } else {
            tokens.push(words[at].to_owned());
        }
        at += 1;
    }
    let mut position = 0;
    let met = any(&tokens, &mut position, allowed);
    met && position == tokens.len()
}

fn any(tokens: &[String], at: &mut usize, allowed: &[String]) -> bool {
    let mut met = all(tokens, at, allowed);
    while tokens.get(*at).is_some_and(|token| token == "OR") {
        *at += 1;
        met |= all(tokens, at, allowed);
    }
    met
}

fn all(tokens: &[String], at: &mut usize, allowed: &[String]) -> bool {
    let mut met = one(tokens, at, allowed);
    while tokens.get(*at).is_some_and(|token| token == "AND") {
        *at += 1;
        met &= one(tokens, at, allowed);
    }
    met
}

fn one(tokens: &[String], at: &mut usize, allowed: &[String]) -> bool {
    let Some(token) = tokens.get(*at) else { return false };
    *at += 1;
    if token != "(" {
        return allowed.contains(token);
    }
    let met = any(tokens, at, allowed);
    *at += 1;
    met
}

#[test]
fn expressions_are_read_as_written() {
    let allowed: Vec<String> =
        ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "Unicode-3.0"].map(str::to_owned).to_vec();
    for (expression, want) in [
        ("MIT", true),
        ("MIT OR GPL-3.0", true),
        ("MIT AND GPL-3.0", false),
        ("MIT/Apache-2.0", true),
        ("Apache-2.0 WITH LLVM-exception OR GPL-2.0", true),
        ("GPL-2.0 WITH LLVM-exception", false),
        ("(MIT OR GPL-3.0) AND Unicode-3.0", true),
        ("(MIT OR Apache-2.0) AND GPL-3.0", false),
        ("", false),
    ] {
        assert_eq!(is_met(expression, &allowed), want, "{expression}");
    }
}
