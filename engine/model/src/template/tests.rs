use std::time::Instant;

use serde_json::{Value, json};

use super::*;

fn render(source: &str) -> Result<String, TemplateError> {
    let messages = [json!({"role": "user", "content": "hi"})];
    let conversation =
        Conversation { messages: &messages, beginning_token: "<s>", end_token: "</s>", ..Default::default() };
    ChatTemplate::new(source)?.render(&conversation)
}

#[test]
fn hostile_templates_end_in_errors_soon() {
    for source in [
        "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
        "{% for i in range(99999) %}{{ 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' * 2 }}{% endfor %}",
        "{% set n = namespace(x='xxxxxxxx') %}{% for i in range(60) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
        "{% set n = namespace(x='xxxxxxxx') %}{% for i in range(60) %}{% set n.x = n.x + n.x %}{% endfor %}",
        "{% set n = namespace(x=[1]) %}{% for i in range(60) %}{% set n.x = n.x + n.x %}{% endfor %}{{ n.x | length }}",
        "{{ 'x' * 100000000 }}",
        "{{ ('x' * 100000) | replace('x', 'y' * 100000) }}",
        "{{ ('x' * 100000).replace('x', 'y' * 100000) }}",
        "{{ 'x' | indent(100000000, true) }}",
        "{{ range(100000) | list | tojson }}{{ range(100000) | list | tojson(indent=16) }}{{ range(100000) | list | tojson }}{{ range(100000) | list | tojson }}{{ range(100000) | list | tojson }}{{ range(100000) | list | tojson }}{{ range(100000) | list | tojson }}{{ range(100000) | list | tojson }}",
        "{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}",
        "{{ '%1000000000d' | format(1) }}",
        "{{ '{:>1000000000}'.format(1) }}",
        "{{ range(10000000000) | join }}",
        "{{ 'x'.join(['y' * 100000] * 100000) }}",
        "{{ ''.join([[1] * 100000] * 100000) }}",
        "{{ (['y' * 100000] * 100000) | join('x') }}",
        "{{ ([[1] * 100000] * 100000) | join('x') }}",
        "{{ ([[1] * 100000] * 100000) | string }}",
        "{{ [[1] * 100000] * 100000 }}",
        "{{ ([[1] * 100000] * 100000) | tojson }}",
        "{% set x = [[1] * 1000] * 1000 %}{{ x ~ x }}",
        "{% set x = [[1] * 1000] * 1000 %}{{ '%s' | format(x) }}",
        "{% set x = [[1] * 1000] * 1000 %}{{ x | upper }}",
        "{% set n = namespace(x=1) %}{% for i in range(60) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x == [n.x] }}",
        "{% set n = namespace(x=1) %}{% for i in range(60) %}{% set n.x = (n.x, n.x) %}{% endfor %}{{ n.x | length }}",
        "{% set n = namespace(x=1) %}{% for i in range(60) %}{% set n.x = {'a': n.x, 'b': n.x} %}{% endfor %}{{ n.x }}",
        "{% set n = namespace(x='') %}{% for i in range(60) %}{% set n.x = n.x ~ [n.x, n.x] %}{% endfor %}",
        // Deep enough that dropping it would overflow the stack.
        "{% set n = namespace(x=1) %}{% for i in range(99999) %}{% set n.x = [n.x] %}{% endfor %}",
        "{% set n = namespace(x=1) %}{% for i in range(99999) %}{% set n.x = {'a': n.x} %}{% endfor %}",
        "{% set n = namespace(x=1) %}{% set n.x = n %}{{ n }}",
        "{% set n = namespace(x=1) %}{% for i in range(9) %}{% set n.x = namespace(x=n.x, y=n.x) %}{% endfor %}",
        "{% set n = namespace(x=1) %}{{ [n, [n]] }}",
        "{{ range(100000) | map('string') | join('y' * 100000) }}",
        "{% set n = namespace(s='a' * 1000000) %}{% for i in range(99999) %}{{ 'x' if n.s == n.s ~ 'b' }}{% endfor %}",
    ] {
        let start = Instant::now();
        let error = render(source).expect_err(source);
        let typed = matches!(
            error,
            TemplateError::OutOfFuel | TemplateError::TooMuchOutput { .. } | TemplateError::Failed { .. }
        );
        assert!(typed, "{source}: {error:?}");
        assert!(start.elapsed().as_secs() < 5, "{source} took {:?}", start.elapsed());
    }
}

#[test]
fn a_long_conversation_renders() {
    let source = "{% set n = namespace(last='', found=[]) %}{% set rest = messages[1:] %}{% for m in messages %}\
        {% if m.role == 'user' and loop.index0 + 1 < messages | length and messages[loop.index0 + 1].content is string %}\
        {% set n.last = m.content ~ '!' %}{% endif %}{{ '<' ~ m['role'] + '>' + m.content | trim + n.last }}{% endfor %}\
        {{ rest | length }}{{ n.found + ['a'] }}{% set n.found = n.found + [n.last] %}{{ n.found | last | length }}";
    let messages: Vec<Value> = (0..1000)
        .map(|i| json!({"role": if i % 2 == 0 { "user" } else { "assistant" }, "content": format!(" {i} {}", "word ".repeat(40))}))
        .collect();
    let rendered =
        ChatTemplate::new(source).unwrap().render(&Conversation { messages: &messages, ..Default::default() });
    let rendered = rendered.unwrap();
    assert!(
        rendered.ends_with("999['a']206") || rendered.ends_with("999[\"a\"]206"),
        "{}",
        &rendered[rendered.len() - 40..]
    );
    assert!(rendered.len() > 300_000, "{}", rendered.len());
}

#[test]
fn templates_that_are_none_are_refused() {
    for source in ["{% for %}", "{{", "{% if x %}", "{{ 1 + }}", &"{{ (".repeat(5_000), &"{% if 1 %}".repeat(5_000)] {
        assert!(
            matches!(ChatTemplate::new(source), Err(TemplateError::Syntax { .. })),
            "{}",
            &source[..source.len().min(20)]
        );
    }
    let long = "x".repeat(SOURCE_BYTES_MAX + 1);
    assert!(matches!(ChatTemplate::new(&long), Err(TemplateError::TooLong { .. })));
    for source in
        ["{{ nothing() }}", "{% include 'x' %}", "{{ 'x' | nothing }}", "{{ messages.x.y.z }}", "{{ 1 // 0 }}"]
    {
        let error = render(source).expect_err(source);
        assert!(matches!(error, TemplateError::Failed { .. } | TemplateError::Syntax { .. }), "{source}: {error:?}");
    }
}

#[test]
fn a_template_refuses_in_its_own_words() {
    let error = render("{% if true %}{{ raise_exception('Only one system message, please') }}{% endif %}").unwrap_err();
    assert_eq!(error, TemplateError::Raised("Only one system message, please".into()));
}

#[test]
fn the_date_is_an_argument() {
    let template = ChatTemplate::new("{{ strftime_now('%d %b %Y, %B %m %y %%') }}").unwrap();
    let today = Some(Date { year: 2026, month: 6, day: 7 });
    let rendered = template.render(&Conversation { today, ..Default::default() }).unwrap();
    assert_eq!(rendered, "07 Jun 2026, June 06 26 %");
    assert!(matches!(template.render(&Conversation::default()), Err(TemplateError::Failed { .. })));
    let month = Some(Date { year: 2026, month: 0, day: 7 });
    assert!(template.render(&Conversation { today: month, ..Default::default() }).is_err());
    let clock = ChatTemplate::new("{{ strftime_now('%H') }}").unwrap();
    assert!(clock.render(&Conversation { today, ..Default::default() }).is_err());
}

#[test]
fn json_is_pythons() {
    // Each as Python's json.dumps(value, ensure_ascii=False) writes it.
    for (value, want) in [
        (json!({"b": [1, 2.0, -0.5], "a": null}), r#"{"b": [1, 2.0, -0.5], "a": null}"#),
        (json!("<é'&\"\\\n\u{1}\u{7f}>"), "\"<é'&\\\"\\\\\\n\\u0001\u{7f}>\""),
        (json!([1e16, 1e-5, 123456789.5, 1e22, 0.0001]), "[1e+16, 1e-05, 123456789.5, 1e+22, 0.0001]"),
        (json!([true, [], {}]), "[true, [], {}]"),
    ] {
        let more = [("x", value)];
        let template = ChatTemplate::new("{{ x | tojson }}").unwrap();
        assert_eq!(template.render(&Conversation { more: &more, ..Default::default() }).unwrap(), want);
    }
    for source in [
        "{{ 1 | tojson(separators=[',', ':']) }}",
        "{{ 1 | tojson(ensure_ascii=true) }}",
        "{{ 1 | tojson(indent=99) }}",
    ] {
        assert!(render(source).is_err(), "{source}");
    }
}

#[test]
fn tokenizer_configurations_are_read() {
    let read = |value: Value| TokenizerConfig::from_json(value.to_string().as_bytes());
    let config = read(json!({
        "chat_template": [{"name": "tool_use", "template": "b"}, {"name": "default", "template": "a{{ bos_token }}"}],
        "bos_token": {"content": "<s>", "lstrip": false}, "eos_token": "</s>", "x": 1,
    }))
    .unwrap();
    assert_eq!((config.beginning_token.as_deref(), config.end_token.as_deref()), (Some("<s>"), Some("</s>")));
    let template = config.chat_template().unwrap();
    assert_eq!(template.render(&Conversation { beginning_token: "<s>", ..Default::default() }).unwrap(), "a<s>");
    for value in [
        json!([]),
        json!({"chat_template": 1}),
        json!({"chat_template": [1]}),
        json!({"bos_token": []}),
        json!({"eos_token": {}}),
    ] {
        assert!(matches!(read(value.clone()), Err(TemplateError::Config(_))), "{value}");
    }
    assert!(matches!(read(json!({})).unwrap().chat_template(), Err(TemplateError::Config(_))));
    let long = json!({"chat_template": "x".repeat(SOURCE_BYTES_MAX + 1)});
    assert!(matches!(read(long), Err(TemplateError::TooLong { .. })));
}
