//! Which page an address means.

/// A page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// Write, run, compare.
    Code,
    /// Problems and samples.
    Bench,
    /// A model that writes.
    Model,
    /// An address that leads nowhere.
    Missing,
}

impl Route {
    /// The page of a path; `base` is what stands before every route, without a slash at its end.
    pub fn of(path: &str, base: &str) -> Self {
        let Some(rest) = path.strip_prefix(base) else { return Self::Missing };
        match rest.trim_end_matches("index.html").trim_matches('/') {
            "" | "code" => Self::Code,
            "bench" => Self::Bench,
            "model" => Self::Model,
            _ => Self::Missing,
        }
    }

    /// The name used in tests and in the navigation; empty for [`Route::Missing`].
    pub fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Bench => "bench",
            Self::Model => "model",
            Self::Missing => "",
        }
    }

    /// The document's title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Code => "Code: what it costs · Frugal",
            Self::Bench => "Bench: what solutions cost · Frugal",
            Self::Model => "Model: what writing costs · Frugal",
            Self::Missing => "Not found · Frugal",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_pages() {
        for (path, base, want) in [
            ("/", "", Route::Code),
            ("/code", "", Route::Code),
            ("/code/", "", Route::Code),
            ("/frugal/", "/frugal", Route::Code),
            ("/frugal/bench/", "/frugal", Route::Bench),
            ("/frugal/bench/index.html", "/frugal", Route::Bench),
            ("/frugal/elsewhere", "/frugal", Route::Missing),
            ("/frugal/model/", "/frugal", Route::Model),
            ("/bench", "/frugal", Route::Missing),
        ] {
            assert_eq!(Route::of(path, base), want, "{path} under {base:?}");
        }
    }
}
