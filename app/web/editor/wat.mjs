// WebAssembly text: keywords, numbers, strings, names and both comment forms. Highlighting only, no parsing.
import { StreamLanguage } from "@codemirror/language";

const OPERATOR = /^(?:[a-z][a-z0-9_]*\.)+[a-z][a-z0-9_./]*/;
const KEYWORD = /^(?:module|func|param|result|local|global|memory|table|type|export|import|data|elem|start|mut|item|offset|block|loop|if|then|else|end|br|br_if|br_table|call|call_indirect|return|drop|select|nop|unreachable)\b/;
const TYPE = /^(?:i32|i64|f32|f64|v128|funcref|externref)\b(?!\.)/;
const NUMBER = /^[+-]?(?:0x[0-9a-fA-F_]+(?:\.[0-9a-fA-F_]*)?(?:p[+-]?\d+)?|\d[\d_]*(?:\.[\d_]*)?(?:e[+-]?\d+)?|inf|nan(?::0x[0-9a-fA-F_]+)?)(?![\w.$])/;

/** Reads on inside a nested block comment until it closes or the line ends. */
function comment(stream, state) {
  while (!stream.eol()) {
    if (stream.match("(;")) state.depth += 1;
    else if (stream.match(";)")) {
      state.depth -= 1;
      if (state.depth === 0) break;
    } else stream.next();
  }
  return "comment";
}

export const wat = StreamLanguage.define({
  name: "wat",
  startState: () => ({ depth: 0 }),
  token(stream, state) {
    if (state.depth > 0) return comment(stream, state);
    if (stream.eatSpace()) return null;
    if (stream.match(";;")) { stream.skipToEnd(); return "comment"; }
    if (stream.match("(;")) { state.depth = 1; return comment(stream, state); }
    if (stream.match(/^"(?:[^"\\]|\\.)*"?/)) return "string";
    if (stream.match(/^\$[^\s()";]+/)) return "variableName";
    if (stream.match(NUMBER)) return "number";
    if (stream.match(TYPE)) return "typeName";
    if (stream.match(OPERATOR)) return "operatorKeyword";
    if (stream.match(KEYWORD)) return "keyword";
    if (stream.match(/^[()]/)) return "paren";
    stream.next();
    return null;
  },
  languageData: { commentTokens: { line: ";;", block: { open: "(;", close: ";)" } } },
});
