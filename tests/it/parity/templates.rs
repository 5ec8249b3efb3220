use frugal_model::template::{ChatTemplate, Conversation};

use super::{bytes, json};

#[test]
fn chat_templates_render_as_in_transformers() {
    let cases = json("templates/cases.json");
    let cases = cases.as_array().unwrap();
    assert!(cases.len() >= 48, "{} cases", cases.len());
    for (at, case) in cases.iter().enumerate() {
        let name = case["template"].as_str().unwrap();
        let source = String::from_utf8(bytes(&format!("templates/{name}.jinja"))).unwrap();
        let conversation = Conversation {
            messages: case["messages"].as_array().unwrap(),
            tools: case["tools"].as_array().map(Vec::as_slice),
            add_generation_prompt: case["add_generation_prompt"].as_bool().unwrap(),
            beginning_token: "<s>",
            end_token: "</s>",
            ..Default::default()
        };
        let rendered = ChatTemplate::new(&source).unwrap().render(&conversation).unwrap();
        assert_eq!(rendered, case["rendered"].as_str().unwrap(), "case {at}, {name}");
    }
}
