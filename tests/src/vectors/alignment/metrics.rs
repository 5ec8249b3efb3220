//! Calibration, diversity, entropy: in f64 alone.

use frugal_train::metrics::{distinct, ece, entropy, self_bleu};
use serde_json::Value;

use super::super::json::{list, number, numbers};
use super::super::{BadVector, Comparison};
use super::{flat, size};

const TOLERANCE: f64 = 1e-9;

pub(in crate::vectors) fn metrics(vector: &Value) -> Result<Vec<Comparison>, BadVector> {
    let mut all = Vec::new();
    let mut push = |name: String, got, want| all.push(Comparison::within(name, got, want, TOLERANCE));
    for (at, case) in list(vector, "ece")?.iter().enumerate() {
        let right: Vec<bool> = flat(case, "correct")?.into_iter().map(|right| right != 0.0).collect();
        let got = ece(&flat(case, "prob")?, &right, size(case, "n_bins")?)?;
        push(format!("ece {at}"), got, number(case, "ece")?);
    }
    for (at, case) in list(vector, "distinct")?.iter().enumerate() {
        let samples = samples(case)?;
        for order in frugal_train::metrics::DISTINCT_ORDERS {
            let got = distinct(&samples, order)?;
            push(format!("distinct-{order} {at}"), got, number(case, &format!("distinct_{order}"))?);
        }
    }
    for (at, case) in list(vector, "self_bleu")?.iter().enumerate() {
        let got = self_bleu(&samples(case)?, size(case, "n")?)?;
        push(format!("self-BLEU {at}"), got.iter().sum::<f64>() / got.len() as f64, number(case, "mean")?);
        let want = flat(case, "per_sample")?;
        if got.len() != want.len() {
            return Err(BadVector(format!("self-BLEU {at}: {} samples for {}", got.len(), want.len())));
        }
        for (sample, (got, want)) in got.into_iter().zip(want).enumerate() {
            push(format!("self-BLEU {at} of sample {sample}"), got, want);
        }
    }
    for (at, case) in list(vector, "entropy")?.iter().enumerate() {
        for (row, want) in list(case, "logits")?.iter().zip(flat(case, "entropy_nats")?) {
            push(format!("entropy {at}"), entropy(&numbers(row)?)?, want);
        }
    }
    Ok(all)
}

fn samples(case: &Value) -> Result<Vec<Vec<String>>, BadVector> {
    let words = |sample: &Value| -> Option<Vec<String>> {
        sample.as_array()?.iter().map(|word| word.as_str().map(str::to_owned)).collect()
    };
    let all = list(case, "samples")?;
    all.iter().map(|sample| words(sample).ok_or_else(|| BadVector("a sample is no list of words".into()))).collect()
}
