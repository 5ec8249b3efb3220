#![allow(clippy::unwrap_used)]
use super::*;
use crate::divergence::Order;

fn said(json: &str) -> String {
    preference(json.as_bytes()).unwrap_err().to_string()
}

#[test]
fn a_coefficient_becomes_alpha_and_that_is_said() {
    let json = br#"{"beta": 0.2, "loss_type": ["sigmoid"], "f_divergence_type": "alpha_divergence", "f_alpha_divergence_coef": 0.75, "learning_rate": 1e-6}"#;
    let got = preference(json).unwrap();
    let divergence = Divergence::Alpha(Order::new(0.25).unwrap());
    assert_eq!(got.objective, Preference::FDpo { beta: 0.2, divergence });
    assert!(got.said[0].contains("0.75 is alpha 0.25"), "{:?}", got.said);
    assert_eq!(got.unread, ["learning_rate"]);
    let plain = preference(b"{}").unwrap();
    assert_eq!(plain.objective, Preference::Dpo { beta: 0.1 });
    assert!(plain.said[0].contains("`beta`"));
    let written = preference(br#"{"beta": 0.1, "f_divergence_type": "FDivergenceType.JS_DIVERGENCE"}"#).unwrap();
    assert_eq!(written.objective, Preference::FDpo { beta: 0.1, divergence: Divergence::JensenShannon });
}

/// The scores that the vectors hold for TRL's coefficient are those of the imported objective.
#[test]
fn the_imported_divergence_has_trls_derivative() {
    for coefficient in [0.1, 0.5, 0.9] {
        let json = format!(
            r#"{{"beta": 0.1, "f_divergence_type": "alpha_divergence", "f_alpha_divergence_coef": {coefficient}}}"#
        );
        let Preference::FDpo { divergence, .. } = preference(json.as_bytes()).unwrap().objective else {
            unreachable!()
        };
        for ratio in [0.2_f64, 1.0, 3.0] {
            let trl = (ratio.powf(coefficient - 1.0) - 1.0) / (coefficient - 1.0);
            assert!((divergence.derivative(ratio.ln()).value - trl).abs() < 1e-12, "{coefficient} {ratio}");
        }
    }
}

#[test]
fn what_changes_the_loss_is_taken_over_or_refused() {
    let alpha = r#""f_divergence_type": "alpha_divergence""#;
    assert!(said(&format!("{{{alpha}}}")).contains("`f_alpha_divergence_coef` is missing"));
    assert!(said(&format!(r#"{{{alpha}, "f_alpha_divergence_coef": 1.0}}"#)).contains("reverse_kl"));
    assert!(said(&format!(r#"{{{alpha}, "f_alpha_divergence_coef": 0.0}}"#)).contains("forward_kl"));
    assert!(said(r#"{"f_divergence_type": "chi_squared"}"#).contains("finite at u = 0"));
    assert!(said(r#"{"f_divergence_type": "js_divergence", "loss_type": "ipo"}"#).contains("does not cancel"));
    assert!(said(r#"{"loss_type": ["sigmoid", "sft"]}"#).contains("offered is sigmoid"));
    assert!(said(r#"{"label_smoothing": 0.1}"#).contains("`label_smoothing` is 0.1"));
    assert!(said(r#"{"rpo_alpha": 1.0}"#).contains("rpo_alpha"));
    assert!(preference(br#"{"rpo_alpha": null, "label_smoothing": 0, "reference_free": false}"#).is_ok());
    assert!(said(r#"{"beta": 0}"#).contains("beta is 0"));
    assert!(said(r#"{"beta": "x"}"#).contains("a number is needed"));
    assert!(said("[]").contains("an object"));
    assert!(said("{").contains("no configuration"));
}

#[test]
fn grpo_is_imported_with_its_conventions() {
    let json = br#"{"loss_type": "dr_grpo", "max_completion_length": 64, "scale_rewards": false, "epsilon": 0.2, "epsilon_high": 0.28, "beta": 0.04, "num_generations": 4, "temperature": 1.0}"#;
    let got = grpo(json).unwrap();
    let clip = Clip { below: 0.2, above: 0.28, ratio_max: None };
    let loss = GrpoLoss::DrGrpo { completion_tokens_max: 64 };
    assert_eq!(got.objective, Grpo { group: 4, scale: Scale::Unscaled, beta: 0.04, clip, loss });
    assert_eq!(got.unread, ["temperature"]);
    assert_eq!(loss.aggregation(9), Aggregation::DrGrpo { completion_tokens_max: 64 });
    assert_eq!(GrpoLoss::Dapo.aggregation(9), Aggregation::Dapo { step_tokens: 9 });
    let said = |json: &str| grpo(json.as_bytes()).unwrap_err().to_string();
    assert!(said("{}").contains("`loss_type` is missing"));
    assert!(said(r#"{"loss_type": "sapo"}"#).contains("offered are grpo"));
    assert!(
        said(r#"{"loss_type": "grpo", "importance_sampling_level": "sequence"}"#).contains("importance_sampling_level")
    );
    assert!(said(r#"{"loss_type": "grpo", "scale_rewards": "mean"}"#).contains("group, batch and none"));
    assert!(said(r#"{"loss_type": "grpo", "num_generations": 1}"#).contains("2 responses or more"));
    assert!(said(r#"{"loss_type": "grpo", "beta": -1}"#).contains("beta is -1"));
}
