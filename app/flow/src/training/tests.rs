use super::*;

const WHOLE: &str = r#"
name = "stories"
seed = 1
steps = 100

[model]
family = "llama"
layers = 2
hidden = 64
heads = 4
kv_heads = 2
ffn = 128
context = 64

[tokenizer]
bpe = 300

[data]
generator = "stories"
examples = 500

[batch]
sequences = 8
tokens = 64

[optimizer]
method = "adamw"
learning_rate = 2e-3
weight_decay = 0.1

[schedule]
shape = "cosine"
warmup_steps = 10
"#;

fn refusal(text: &str) -> String {
    TrainingRecipe::from_toml(text).unwrap_err().to_string()
}

fn changed(from: &str, to: &str) -> String {
    assert!(WHOLE.contains(from), "{from}");
    refusal(&WHOLE.replacen(from, to, 1))
}

#[test]
fn a_recipe_is_read_and_written_alike() {
    let recipe = TrainingRecipe::from_toml(WHOLE).unwrap();
    assert_eq!(recipe.batch, Batch { sequences: 8, tokens: 64, accumulate: 1 });
    assert_eq!(recipe.optimizer.rate_and_clip(), (2e-3, 1.0));
    let json = serde_json::to_string(&recipe).unwrap();
    assert_eq!(serde_json::from_str::<TrainingRecipe>(&json).unwrap(), recipe);
}

#[test]
fn a_misspelt_key_is_named_with_the_nearest_known_one() {
    for (from, to, meant) in [
        ("learning_rate", "lr", "learning_rate"),
        ("sequences", "batch_size", "sequences"),
        ("steps = 100", "setps = 100", "steps"),
        ("warmup_steps", "warm_up_steps", "warmup_steps"),
        ("\"adamw\"", "\"adam\"", "adamw"),
    ] {
        let message = changed(from, to);
        assert!(message.contains(&format!("did you mean `{meant}`?")), "{message}");
        assert!(message.starts_with("line "), "{message}");
    }
}

#[test]
fn values_out_of_range_say_what_may_stand_there() {
    for (from, to, wanted) in [
        ("steps = 100", "steps = 0", "`steps` is 0, it must be at least 1"),
        ("tokens = 64", "tokens = 1", "`batch.tokens` is 1, it must be at least 2"),
        ("2e-3", "-1.0", "`optimizer.learning_rate` is -1, it must be a number above 0"),
        ("2e-3", "nan", "`optimizer.learning_rate` is NaN, it must be a number above 0"),
        ("examples = 500", "examples = 0", "`data.examples` is 0, it must be at least 1"),
        ("layers = 2", "layers = 0", "`model.layers` is 0, it must be at least 1"),
        ("heads = 4", "heads = 3", "a width of 64 in 3 heads with 2"),
        ("context = 64", "context = 32", "sequences of 64 tokens in a context of 32"),
        ("warmup_steps = 10", "warmup_steps = 101", "rises for 101 steps"),
        ("[tokenizer]\nbpe = 300", "", "a new model needs a tokenizer"),
    ] {
        let message = changed(from, to);
        assert!(message.contains(wanted), "{message}");
    }
}

#[test]
fn objectives_refuse_what_does_not_work() {
    let with = |objective: &str| {
        let tail = "\n[objective]\n".to_owned() + objective;
        refusal(&(WHOLE.to_owned() + &tail))
    };
    assert!(with("method = \"dpo\"\nbeta = 0.0").contains("`objective.beta` is 0, it must be above 0"));
    for alpha in ["0.0", "1.0", "1.5", "-0.2", "nan"] {
        let message = with(&format!("method = \"fdpo_alpha\"\nbeta = 0.1\nalpha = {alpha}"));
        assert!(message.contains("`objective.alpha` is") && message.contains("neither included"), "{message}");
    }
    assert!(with("method = \"dpo\"\nbeta = 0.1").contains("needs a `data.format` of \"pairs\""));
    let pairs = "file = \"p.jsonl\"\nformat = \"pairs\"";
    let with_pairs = WHOLE.replacen("generator = \"stories\"\nexamples = 500", pairs, 1);
    let message = refusal(&(with_pairs + "\n[objective]\nmethod = \"dpo\"\nbeta = 0.1"));
    assert!(message.contains("give `model.from`"), "{message}");
    assert!(with("method = \"total_variation\"\nbeta = 0.1").contains("unknown variant"));
}

#[test]
fn a_shape_becomes_the_config_of_its_family() {
    let recipe = TrainingRecipe::from_toml(WHOLE).unwrap();
    let ModelSource::New(shape) = &recipe.model else { panic!("{recipe:?}") };
    let config = shape.config_json(300, Some(0));
    assert_eq!((&config["model_type"], &config["num_key_value_heads"]), (&"llama".into(), &2.into()));
    let gpt2 = Architecture { family: Family::Gpt2, ..shape.clone() }.config_json(300, None);
    assert_eq!((&gpt2["n_inner"], &gpt2["activation_function"]), (&128.into(), &"gelu_new".into()));
}

#[test]
fn rollouts_stand_alone_and_give_pairs() {
    let recipe = |data: &str, objective: &str| {
        let shape = WHOLE.find("[model]").unwrap()..WHOLE.find("[data]").unwrap();
        let rest = WHOLE.find("[batch]").unwrap();
        let head = &WHOLE[..shape.start];
        format!(
            "{head}model = {{ from = \"base\" }}\ndata = {{ {data} }}\nobjective = {{ {objective} }}\n{}",
            &WHOLE[rest..]
        )
    };
    let (dpo, text) = ("method = \"dpo\", beta = 0.1", "method = \"language_model\"");
    let rollouts = "rollouts = { samples = 8, temperature = 0.8, input_size = 60 }";
    let read = TrainingRecipe::from_toml(&recipe(rollouts, dpo)).unwrap();
    let DataSource::Written { rollouts: asked } = read.data.source else { panic!("{read:?}") };
    assert_eq!((asked.samples, asked.ratio_min, asked.cheaper_max, asked.right_max), (8, 1.2, 2, 2));
    let json = serde_json::to_string(&read).unwrap();
    assert_eq!(serde_json::from_str::<TrainingRecipe>(&json).unwrap(), read);
    for (data, objective, said) in [
        (rollouts.to_owned(), text, "gives pairs: choose an objective that compares answers"),
        (rollouts.replace("samples = 8", "samples = 1"), dpo, "`data.rollouts.samples` is 1, it must be at least 2"),
        (rollouts.replace("0.8", "0.0"), dpo, "`data.rollouts.temperature` is 0, it must be above 0"),
        (rollouts.replace("samples", "sample"), dpo, "did you mean `samples`?"),
        (format!("{rollouts}, generator = \"stories\", examples = 5"), dpo, "stands alone"),
    ] {
        let message = refusal(&recipe(&data, objective));
        assert!(message.contains(said), "{data}: {message}");
    }
}
