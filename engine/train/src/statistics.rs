/// What a forward pass says of each predicted token, row by row; natural logarithms. Rows are positions of all
/// sequences of a batch, one sequence after the other; a row without a target holds zeros.
///
/// With `p` the policy's distribution at a row and `q` the reference's. What concerns `q` is 0 without a reference.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TokenStatistics {
    /// `log p(target)`.
    pub log_prob: Vec<f32>,
    /// `log q(target)`.
    pub reference: Vec<f32>,
    /// `-Σ p log p`, nats.
    pub entropy: Vec<f32>,
    /// `KL(q ‖ p)`, nats: the reference first, as TDPO's sequential KL asks.
    pub kl_ref_policy: Vec<f32>,
    /// `KL(p ‖ q)`, nats.
    pub kl_policy_ref: Vec<f32>,
}
