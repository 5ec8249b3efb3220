//! Code out of a model's reply.

use super::Problem;

/// Why a reply gives no program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotExtracted {
    /// Nothing in it looks like Python.
    #[error("the reply holds no code")]
    NoCode,
    /// There is code, but none that defines the function asked for.
    #[error("no code in the reply defines the function")]
    NoEntryPoint,
}

/// The program in a reply: the first fenced block that defines the function; else what stands before the first fence,
/// from its first line of code on, since some prompts open a fence themselves; else a reply that is indented, which is the
/// body of the prompt's function.
///
/// What follows the definition is kept only where the function may need it: imports, definitions, and assignments that
/// neither call the function nor read input. Examples, assertions and `if __name__` blocks go, before it too. An unclosed
/// fence reaches to the end; a fence inside a list is read by its indentation; tokens such as `<|end|>` around the reply
/// are no part of it.
///
/// # Errors
/// [`NotExtracted`].
pub fn extract_code(reply: &str, problem: &Problem) -> Result<String, NotExtracted> {
    let not_extracted = match extract_functions(reply, &problem.entry_point) {
        Ok(mut programs) => return Ok(programs.swap_remove(0)),
        Err(not_extracted) => not_extracted,
    };
    let reply = without_tokens(reply);
    let is_body = reply.starts_with([' ', '\t']) && !reply.trim().is_empty() && !reply.contains("```");
    match problem.open_function().filter(|_| is_body) {
        Some(function) => Ok(format!("{function}\n{}\n", body(reply))),
        None => Err(not_extracted),
    }
}

/// Every program in a reply that defines `entry_point`, at least one, found and trimmed as [`extract_code`] says.
///
/// # Errors
/// [`NotExtracted`].
pub fn extract_functions(reply: &str, entry_point: &str) -> Result<Vec<String>, NotExtracted> {
    let reply = without_tokens(reply);
    let mut candidates = blocks(reply);
    candidates.push(unfenced(reply.split("```").next().unwrap_or_default()));
    let is_defining = |code: &&String| statements(code).iter().any(|one| defines(one, entry_point));
    let programs: Vec<String> = candidates.iter().filter(is_defining).map(|code| trimmed(code, entry_point)).collect();
    if !programs.is_empty() {
        return Ok(programs);
    }
    Err(if candidates.iter().all(|code| code.trim().is_empty()) {
        NotExtracted::NoCode
    } else {
        NotExtracted::NoEntryPoint
    })
}

/// The whole program in a reply: its first fenced block that is not empty; without a fence, the text from its first line
/// of code on and up to prose after it.
///
/// # Errors
/// [`NotExtracted::NoCode`].
pub fn extract_program(reply: &str) -> Result<String, NotExtracted> {
    let reply = without_tokens(reply);
    let fenced = blocks(reply).into_iter().find(|block| !block.trim().is_empty());
    let code = fenced.unwrap_or_else(|| if reply.contains("```") { String::new() } else { program(reply) });
    if code.trim().is_empty() { Err(NotExtracted::NoCode) } else { Ok(format!("{}\n", code.trim_end())) }
}

/// The reply without chat tokens before and after it. Indentation of its first line stays.
fn without_tokens(reply: &str) -> &str {
    let mut text = reply;
    loop {
        let start = text.trim_start();
        let Some(end) = start.strip_prefix("<|").and_then(|rest| rest.find("|>")).map(|at| at + 4) else { break };
        text = &start[end..];
    }
    loop {
        let end = text.trim_end();
        let Some(at) = end.strip_suffix("|>").and_then(|rest| rest.rfind("<|")) else { break };
        text = &end[..at];
    }
    // blank lines go, the first line's own indentation stays
    let blank = text.len() - text.trim_start().len();
    text[..blank].rfind('\n').map_or(text, |at| &text[at + 1..])
}

/// Fenced blocks, each without the indentation of its fence.
fn blocks(reply: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for line in reply.lines() {
        let text = line.trim_start_matches([' ', '\t']);
        let indent = line.len() - text.len();
        if !text.starts_with("```") {
            if let Some((fence, block)) = &mut open {
                block.push_str(&line[indent.min(*fence)..]);
                block.push('\n');
            }
            continue;
        }
        match open.take() {
            Some((_, block)) => blocks.push(block),
            None => open = Some((indent, String::new())),
        }
    }
    blocks.extend(open.map(|(_, block)| block));
    blocks
}

/// Text without fences, from its first definition or import on and up to prose after it.
fn unfenced(text: &str) -> String {
    code_from(text, begins_definition)
}

/// The same from the first line of any code on: a program need not define anything.
fn program(text: &str) -> String {
    let begins = |line: &str| begins_definition(line) || !line.trim().is_empty() && looks_like_code(line);
    code_from(text, begins)
}

fn begins_definition(line: &str) -> bool {
    ["def ", "async def ", "class ", "import ", "from ", "@"].iter().any(|word| line.starts_with(word))
}

fn code_from(text: &str, begins: impl Fn(&str) -> bool) -> String {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if begins(line) {
            break;
        }
        at += line.len();
    }
    let is_code = |statement: &String| begins_definition(statement) || looks_like_code(statement);
    statements(&text[at..]).into_iter().take_while(is_code).collect()
}

/// Whether a top-level statement may be Python and no prose.
fn looks_like_code(statement: &str) -> bool {
    const KEYWORDS: [&str; 10] = ["#", "if ", "for ", "while ", "with ", "try:", "assert ", "\"\"\"", "'''", "global "];
    let name_length = statement.find(|c: char| !(c.is_alphanumeric() || "_.".contains(c))).unwrap_or(statement.len());
    let rest = &statement[name_length..];
    let is_call = name_length > 0 && rest.starts_with(['(', '[']);
    let is_assignment = name_length > 0
        && rest.lines().next().is_some_and(|line| {
            let line = line.trim_start();
            line.starts_with('=') || line.starts_with([':', ',', '+', '-', '*', '/']) && line.contains('=')
        });
    statement.trim().is_empty() || KEYWORDS.iter().any(|word| statement.starts_with(word)) || is_call || is_assignment
}

/// Drops what a program needs not; see [`extract_code`].
fn trimmed(code: &str, entry_point: &str) -> String {
    let call = format!("{entry_point}(");
    let (mut kept, mut defined) = (String::new(), false);
    for statement in statements(code) {
        let is_definition =
            ["def ", "async def ", "class ", "@", "import ", "from "].iter().any(|word| statement.starts_with(word));
        let is_example =
            ["print(", "print (", "assert ", "assert(", "if __name__"].iter().any(|word| statement.starts_with(word));
        let is_needed = is_definition
            || !is_example && !defined
            || statement.trim().is_empty()
            || statement.starts_with('#')
            || is_assignment(&statement) && !statement.contains(&call) && !statement.contains("input(");
        if is_needed {
            kept.push_str(&statement);
        }
        defined |= defines(&statement, entry_point);
    }
    format!("{}\n", kept.trim_end())
}

/// Whether a top-level statement assigns to names, attributes or items.
fn is_assignment(statement: &str) -> bool {
    let line = statement.lines().next().unwrap_or_default();
    let Some((target, rest)) = line.split_once('=') else { return false };
    let target = target.trim_end_matches(['+', '-', '*', '/', '|', '&']).split(':').next().unwrap_or_default();
    let is_target = |one: &str| {
        let one = one.trim();
        !one.is_empty() && one.chars().all(|c| c.is_alphanumeric() || "_.[]'\"".contains(c))
    };
    !rest.starts_with('=') && target.trim_end_matches(',').split(',').all(is_target)
}

/// Whether a top-level statement defines `name`.
fn defines(statement: &str, name: &str) -> bool {
    statement.lines().any(|line| {
        let (is_function, text) = match line.strip_prefix("async ").unwrap_or(line).strip_prefix("def ") {
            Some(text) => (true, text),
            None => (false, line),
        };
        let Some(rest) = text.strip_prefix(name).map(str::trim_start) else { return false };
        if is_function { rest.starts_with(['(', '[']) } else { rest.starts_with('=') && !rest.starts_with("==") }
    })
}

/// A function's body from a reply: its first line may have lost indentation.
fn body(reply: &str) -> String {
    let reply = reply.trim_end();
    let first = reply.lines().next().unwrap_or_default();
    let rest = &reply[first.len()..];
    format!("    {}{rest}", first.trim_start())
}

/// Splits Python into top-level statements with what belongs to them: everything up to the next line that begins in
/// column 0 outside of strings and brackets and does not go on with the statement before it. Joined, they are the text.
fn statements(code: &str) -> Vec<String> {
    const GOES_ON: [&str; 6] = ["else:", "else ", "elif ", "except", "finally:", ")"];
    let mut found: Vec<String> = Vec::new();
    let mut scanner = Scanner::default();
    for line in code.split_inclusive('\n') {
        let begins = scanner.is_at_start()
            && !line.starts_with([' ', '\t', '\n', '\r'])
            && !GOES_ON.iter().any(|word| line.starts_with(word))
            && !found.last().is_some_and(|before| is_decorator(before));
        match found.last_mut() {
            Some(statement) if !begins => statement.push_str(line),
            _ => found.push(line.to_owned()),
        }
        scanner.read(line);
    }
    found
}

/// Where the code after a leading docstring and `from __future__` imports begins, which must stand first; 0 without
/// such an import.
pub(super) fn after_future_imports(code: &str) -> usize {
    let (mut at, mut end) = (0, 0);
    for statement in statements(code) {
        at += statement.len();
        if statement.starts_with("from __future__") {
            end = at;
        }
    }
    end
}

fn is_decorator(statement: &str) -> bool {
    statement.starts_with('@')
        && !statement.lines().any(|line| ["def ", "async def ", "class "].iter().any(|word| line.starts_with(word)))
}

/// What of Python's lexical rules decides where a statement ends: strings, comments, brackets, continued lines.
#[derive(Default)]
struct Scanner {
    /// The quotes that end the string that the text is inside of.
    string: Option<&'static str>,
    depth: usize,
    continued: bool,
}

impl Scanner {
    fn is_at_start(&self) -> bool {
        self.string.is_none() && self.depth == 0 && !self.continued
    }

    fn read(&mut self, line: &str) {
        const QUOTES: [&str; 4] = ["\"\"\"", "'''", "\"", "'"];
        self.continued = false;
        let mut rest = line;
        while let Some(c) = rest.chars().next() {
            let mut length = c.len_utf8();
            match self.string {
                Some(_) if c == '\\' => length += rest[1..].chars().next().map_or(0, char::len_utf8),
                Some(end) if rest.starts_with(end) => {
                    length = end.len();
                    self.string = None;
                }
                Some(end) if c == '\n' && end.len() == 1 => self.string = None, // broken off: the line ends it
                Some(_) => {}
                None => match c {
                    '#' => return,
                    '(' | '[' | '{' => self.depth += 1,
                    ')' | ']' | '}' => self.depth = self.depth.saturating_sub(1),
                    '\\' if matches!(&rest[1..], "\n" | "\r\n") => self.continued = true,
                    _ => {
                        if let Some(quotes) = QUOTES.iter().find(|quotes| rest.starts_with(**quotes)) {
                            length = quotes.len();
                            self.string = Some(quotes);
                        }
                    }
                },
            }
            rest = &rest[length..];
        }
    }
}
