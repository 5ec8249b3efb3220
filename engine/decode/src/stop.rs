/// Cuts a text that arrives in parts at the first of some strings.
#[derive(Debug, Clone, Default)]
pub struct StopStrings {
    stops: Vec<String>,
    held: String,
    stopped: bool,
}

impl StopStrings {
    /// Empty strings stop nothing.
    pub fn new(stops: impl IntoIterator<Item = String>) -> Self {
        let stops = stops.into_iter().filter(|stop| !stop.is_empty()).collect();
        Self { stops, held: String::new(), stopped: false }
    }

    /// Takes text and returns what may be shown: what might yet become a stop string is held back.
    pub fn push(&mut self, text: &str) -> String {
        if self.stopped {
            return String::new();
        }
        self.held.push_str(text);
        if let Some(at) = self.stops.iter().filter_map(|stop| self.held.find(stop.as_str())).min() {
            self.stopped = true;
            self.held.truncate(at);
            return std::mem::take(&mut self.held);
        }
        let begins = |tail: &str| self.stops.iter().any(|stop| stop.starts_with(tail));
        let boundaries = self.held.char_indices().map(|(at, _)| at);
        let safe = boundaries.into_iter().find(|at| begins(&self.held[*at..])).unwrap_or(self.held.len());
        let rest = self.held.split_off(safe);
        std::mem::replace(&mut self.held, rest)
    }

    /// Whether a stop string came.
    pub fn has_stopped(&self) -> bool {
        self.stopped
    }

    /// What was held back, when the text ends otherwise.
    pub fn finish(self) -> String {
        self.held
    }
}

#[cfg(test)]
mod tests {
    use super::StopStrings;

    fn feed(stops: &[&str], parts: &[&str]) -> (Vec<String>, bool, String) {
        let mut matcher = StopStrings::new(stops.iter().map(|stop| (*stop).to_owned()));
        let shown = parts.iter().map(|part| matcher.push(part)).collect();
        (shown, matcher.has_stopped(), matcher.finish())
    }

    #[test]
    fn stops_across_parts() {
        assert_eq!(feed(&["END"], &["aE", "N", "Db"]), (vec!["a".into(), "".into(), "".into()], true, "".into()));
        assert_eq!(feed(&["END"], &["aE", "NO"]), (vec!["a".into(), "ENO".into()], false, "".into()));
        assert_eq!(feed(&["END"], &["aEN"]), (vec!["a".into()], false, "EN".into()));
        // The first in the text wins, not the first of the list.
        assert_eq!(feed(&["yy", "x"], &["axyy"]).0, ["a"]);
        // Held back: the earliest place that may become a stop.
        assert_eq!(feed(&["aab"], &["aaa", "b"]).0, ["a", ""]);
        assert_eq!(feed(&["é!"], &["é", "?"]).0, ["", "é?"]);
        assert_eq!(feed(&[""], &["text"]).0, ["text"]);
    }
}
