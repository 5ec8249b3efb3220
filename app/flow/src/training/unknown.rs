//! Finds what a misspelt name was meant to be.

/// Names that others use for what is called differently here.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("lr", "learning_rate"),
    ("batch_size", "sequences"),
    ("seq_len", "tokens"),
    ("gradient_accumulation_steps", "accumulate"),
    ("n_layer", "layers"),
    ("n_head", "heads"),
    ("n_embd", "hidden"),
    ("max_grad_norm", "gradient_norm_max"),
    ("warmup", "warmup_steps"),
    ("loss", "objective"),
];

/// The offered name that is nearest to `unknown`, when one is near at all.
pub(super) fn nearest<'a>(unknown: &str, offered: &[&'a str]) -> Option<&'a str> {
    let lower = unknown.to_lowercase();
    let alias = OTHER_NAMES.iter().find(|(other, _)| *other == lower).map(|(_, ours)| *ours);
    if let Some(name) = offered.iter().find(|name| alias == Some(**name)) {
        return Some(name);
    }
    let likeness = |name: &str| strsim::jaro_winkler(&lower, name);
    offered.iter().copied().max_by(|a, b| likeness(a).total_cmp(&likeness(b))).filter(|name| likeness(name) > 0.75)
}

/// Serde's list of an unknown name and what is expected in its place: names in backticks, the unknown one first.
pub(super) fn hint(message: &str) -> Option<String> {
    let start = message.starts_with("unknown field") || message.starts_with("unknown variant");
    let mut names = message.split('`').skip(1).step_by(2);
    let unknown = names.next().filter(|_| start)?;
    let offered: Vec<&str> = names.collect();
    nearest(unknown, &offered).map(|name| format!("did you mean `{name}`?"))
}
