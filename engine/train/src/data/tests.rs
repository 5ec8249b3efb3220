#![allow(clippy::unwrap_used)]
use super::*;

const LIMITS: Limits = Limits { tokens_max: 12, prompt_tokens_max: None, end: 0, vocabulary: 128 };

/// A token a byte, all of them ASCII.
fn bytes(text: &str) -> Result<Vec<u32>, String> {
    Ok(text.bytes().map(u32::from).collect())
}

fn text(tokens: &[u32]) -> String {
    tokens.iter().map(|token| char::from_u32(*token).unwrap()).collect()
}

fn tokens_of(lines: &str, limits: &Limits) -> Result<(Vec<PairTokens>, Findings), TokensError> {
    tokenise_pairs(&pairs(lines.as_bytes()).unwrap(), &bytes, &Plain, limits)
}

fn said(lines: &str) -> String {
    pairs(lines.as_bytes()).unwrap_err().to_string()
}

#[test]
fn three_shapes_of_pairs_are_read() {
    let lines = concat!(
        r#"{"prompt": "p", "chosen": "c", "rejected": "r", "other": 1}"#,
        "\r\n\n",
        r#"{"prompt": [{"role": "user", "content": "p"}], "chosen": [{"role": "assistant", "content": "c"}], "rejected": [{"role": "assistant", "content": "r"}]}"#,
        "\n",
        r#"{"chosen": "\n\nHuman: a\n\nAssistant: b\n\nHuman: p\n\nAssistant: c", "rejected": "\n\nHuman: a\n\nAssistant: b\n\nHuman: p\n\nAssistant: r"}"#,
        "\n",
        r#"{"chosen": [{"role": "user", "content": "p"}, {"role": "assistant", "content": "c"}], "rejected": [{"role": "user", "content": "p"}, {"role": "assistant", "content": "r"}]}"#
    );
    let all = pairs(lines.as_bytes()).unwrap();
    assert_eq!(all.iter().map(|pair| pair.line).collect::<Vec<_>>(), [1, 3, 4, 5]);
    assert_eq!(all[2].prompt, Turns::Text("\n\nHuman: a\n\nAssistant: b\n\nHuman: p\n\nAssistant:".into()));
    assert_eq!(all[2].chosen, Turns::Text(" c".into()));
    let wide = Limits { tokens_max: 200, ..LIMITS };
    let (tokens, findings) = tokenise_pairs(&all, &bytes, &Plain, &wide).unwrap();
    assert_eq!(
        (text(&tokens[1].prompt), text(&tokens[1].chosen)),
        ("\n\nHuman: p\n\nAssistant:".into(), " c\0".into())
    );
    assert_eq!(tokens[1].prompt, tokens[3].prompt);
    assert_eq!((findings.examples, findings.used, findings.duplicates.as_slice()), (4, 4, &[(3, 5)][..]));
}

#[test]
fn a_models_own_template_writes_turns() {
    let source = "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% if m.role == 'assistant' %}$END{% endif %}{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}";
    let template = frugal_model::template::ChatTemplate::new(source).unwrap();
    let templated = Templated { template, beginning: String::new(), end: String::new() };
    let lines = r#"{"prompt": [{"role": "user", "content": "p"}], "chosen": [{"role": "assistant", "content": "c"}], "rejected": "r"}"#;
    let wide = Limits { tokens_max: 200, ..LIMITS };
    let (all, _) = tokenise_pairs(&pairs(lines.as_bytes()).unwrap(), &bytes, &templated, &wide).unwrap();
    assert_eq!(text(&all[0].prompt), "<user>p<assistant>");
    assert_eq!(text(&all[0].chosen), "c$END\0");
    assert_eq!(text(&all[0].rejected), "r\0");
}

#[test]
fn bad_lines_are_named_with_their_numbers() {
    let lines = "{\"prompt\": \"p\", \"chosen\": \"c\", \"rejected\": \"r\"}\n{\n[1]\n{\"prompt\": \"p\", \"chosen\": \"c\"}\n\
        {\"prompt\": 1, \"chosen\": \"c\", \"rejected\": \"r\"}\n{\"chosen\": \"c\", \"rejected\": \"r\"}\n\
        {\"prompt\": [], \"chosen\": \"c\", \"rejected\": \"r\"}\n\
        {\"prompt\": [{\"role\": \"user\"}], \"chosen\": \"c\", \"rejected\": \"r\"}";
    let message = said(lines);
    for part in [
        "7 of the lines",
        "line 2: it is no JSON",
        "line 3: it is a list",
        "line 4: `rejected` is missing; there is `prompt`, `chosen`",
        "line 5: `prompt` is a number",
        "line 6: `prompt` is missing",
        "line 7: `prompt` has no message",
        "line 8: message 1 of `prompt`",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
    assert!(
        said("{\"chosen\": \"\\n\\nHuman: a\\n\\nAssistant: c\", \"rejected\": \"\\n\\nHuman: b\\n\\nAssistant: r\"}")
            .contains("part before")
    );
    assert!(said("{\n".repeat(30).as_str()).contains("and 20 more"));
    assert_eq!(pairs(b"\n \n"), Err(DataError::Empty));
    assert_eq!(pairs(b""), Err(DataError::Empty));
    assert_eq!(pairs(b"{}\n\xff"), Err(DataError::Encoding { line: 2 }));
    assert!(said(&"[".repeat(100_000)).contains("no JSON"), "depth is bounded");
}

#[test]
fn prompts_lose_their_beginning_first_and_then_responses_their_end() {
    let line = |prompt: &str, chosen: &str, rejected: &str| {
        format!("{{\"prompt\": \"{prompt}\", \"chosen\": \"{chosen}\", \"rejected\": \"{rejected}\"}}\n")
    };
    let lines = line("abcdefgh", "12345", "6") + &line("abcdefgh", "123456789ABCDEF", "6") + &line("ab", "1", "2");
    let (all, findings) = tokens_of(&lines, &LIMITS).unwrap();
    assert_eq!([&all[0].prompt, &all[0].chosen, &all[0].rejected].map(|part| text(part)), ["cdefgh", "12345\0", "6\0"]);
    assert_eq!([&all[1].prompt, &all[1].chosen, &all[1].rejected].map(|part| text(part)), ["h", "123456789AB", "6\0"]);
    assert_eq!(text(&all[2].prompt), "ab");
    assert_eq!((findings.prompts_cut, findings.responses_cut), (2, 1));
    let short = Limits { prompt_tokens_max: Some(3), ..LIMITS };
    assert_eq!(text(&tokens_of(&lines, &short).unwrap().0[0].prompt), "fgh");
}

#[test]
fn odd_examples_are_left_out_or_told() {
    let lines = concat!(
        "{\"prompt\": \"p\", \"chosen\": \"same\", \"rejected\": \"same\"}\n",
        "{\"prompt\": \"p\", \"chosen\": \" \", \"rejected\": \"r\"}\n",
        "{\"prompt\": \"p\", \"chosen\": \"c\", \"rejected\": \"r\"}\n",
        "{\"prompt\": \"p\", \"chosen\": \"c\", \"rejected\": \"r\"}\n",
        "{\"prompt\": \"p\", \"chosen\": \"0123456789abX\", \"rejected\": \"0123456789abY\"}\n"
    );
    let (all, findings) = tokens_of(lines, &LIMITS).unwrap();
    assert_eq!(all.len(), 2);
    assert_eq!(findings.identical_pairs, [1, 5], "the last two differ only behind the cut");
    assert_eq!(findings.empty_responses, [2]);
    assert_eq!(findings.duplicates, [(3, 4)]);
    let alone = lines.lines().next().unwrap();
    assert_eq!(tokens_of(alone, &LIMITS), Err(TokensError::NothingLeft { examples: 1, empty: 0, identical: 1 }));
}

#[test]
fn impossible_limits_and_foreign_tokens_are_refused() {
    let line = "{\"prompt\": \"p\", \"chosen\": \"c\", \"rejected\": \"r\"}";
    assert!(tokens_of(line, &Limits { tokens_max: 1, ..LIMITS }).is_err());
    assert!(tokens_of(line, &Limits { prompt_tokens_max: Some(0), ..LIMITS }).is_err());
    assert!(tokens_of(line, &Limits { end: 128, ..LIMITS }).is_err());
    let small = tokens_of(line, &Limits { vocabulary: 113, ..LIMITS }).unwrap_err().to_string();
    assert!(small.contains("line 1: token 114 is outside"), "{small}");
    let empty = tokens_of("\n{\"prompt\": \"\", \"chosen\": \"c\", \"rejected\": \"r\"}", &LIMITS).unwrap_err();
    assert!(empty.to_string().contains("line 2: the prompt is empty"));
    let mixed = "{\"prompt\": \"p\", \"chosen\": [{\"role\": \"assistant\", \"content\": \"c\"}], \"rejected\": \"r\"}";
    assert!(tokens_of(mixed, &LIMITS).unwrap_err().to_string().contains("give both as texts"));
    let role = "{\"prompt\": [{\"role\": \"tool\", \"content\": \"x\"}], \"chosen\": \"c\", \"rejected\": \"r\"}";
    assert!(tokens_of(role, &LIMITS).unwrap_err().to_string().contains("`tool`"));
}

#[test]
fn answers_and_documents_are_read() {
    let all = answers(b"{\"prompt\": \"1+1=\", \"answer\": \"2\"}\n").unwrap();
    let (tokens, findings) = tokenise_answers(&all, &bytes, &Plain, &LIMITS).unwrap();
    assert_eq!((text(&tokens[0].prompt), text(&tokens[0].response), findings.used), ("1+1=".into(), "2\0".into(), 1));
    let parted = documents(b"a\nb\n---\n\n---\nc\n", "---").unwrap();
    assert_eq!(parted, ["a\nb", "c"]);
    assert_eq!(documents(b"---\n---\n", "---"), Err(DataError::Empty));
    let limits = Limits { tokens_max: 4, ..LIMITS };
    let (windows, rest) = pack(&["abcd".into(), "efgh".into()], &bytes, &limits).unwrap();
    assert_eq!(windows.iter().map(|window| text(window)).collect::<Vec<_>>(), ["abcd\0", "\0efgh"]);
    assert_eq!(rest, 1);
    assert!(pack(&["abc".into()], &bytes, &limits).is_err());
    assert!(pack(&[], &bytes, &limits).is_err());
}

#[test]
fn an_order_goes_on_where_its_cursor_was() {
    let mut whole = Order::new(7, 3, 0).unwrap();
    let all: Vec<usize> = (0..40).map(|_| whole.next_index()).collect();
    for pass in all[..35].chunks(7) {
        let mut sorted = pass.to_vec();
        sorted.sort_unstable();
        assert_eq!(sorted, [0, 1, 2, 3, 4, 5, 6]);
    }
    assert_ne!(all[..7], all[7..14]);
    for cursor in [0, 3, 7, 20, 35] {
        let mut resumed = Order::new(7, 3, cursor).unwrap();
        let from = usize::try_from(cursor).unwrap();
        let rest: Vec<usize> = (from..40).map(|_| resumed.next_index()).collect();
        assert_eq!(rest, all[from..], "{cursor}");
    }
    assert!(Order::new(0, 3, 0).is_none());
}
