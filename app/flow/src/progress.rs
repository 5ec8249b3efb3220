/// How far an evaluation or a comparison is: references and distinct samples that are decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Decided.
    pub done: u64,
    /// To be decided.
    pub total: u64,
}
