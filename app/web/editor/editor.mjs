// The code editor: CodeMirror in a shadow root, so that its style sheets are constructed objects
// (no inline style element) and the page's strict content security policy holds.
import { Compartment, EditorState } from "@codemirror/state";
import {
  EditorView, drawSelection, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers,
} from "@codemirror/view";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { HighlightStyle, bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { python } from "@codemirror/lang-python";
import { javascript } from "@codemirror/lang-javascript";
import { tags } from "@lezer/highlight";
import { wat } from "./wat.mjs";

/** Colours come from the page's design tokens, which reach into the shadow root. */
const theme = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--surface)", fontSize: "var(--code-size)", height: "100%" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55", overflow: "auto" },
  ".cm-content": { caretColor: "var(--accent)", padding: "0.6rem 0" },
  ".cm-cursor": { borderLeftColor: "var(--accent)" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--faint)", border: "none" },
  ".cm-lineNumbers .cm-gutterElement": { padding: "0 0.6rem 0 0.8rem" },
  ".cm-activeLine": { backgroundColor: "var(--tint)" },
  ".cm-activeLineGutter": { backgroundColor: "transparent", color: "var(--muted)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--selection)",
  },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--selection)", outline: "1px solid var(--line)" },
  ".cm-selectionMatch, .cm-searchMatch": { backgroundColor: "var(--selection)" },
  ".cm-panels": { backgroundColor: "var(--paper)", color: "var(--ink)", borderColor: "var(--line)" },
  ".cm-textfield, .cm-button": {
    background: "var(--surface)", color: "var(--ink)", border: "1px solid var(--line)", borderRadius: "4px",
  },
});

const highlight = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.controlKeyword, tags.definitionKeyword], color: "var(--code-keyword)" },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--code-number)" },
  { tag: tags.comment, color: "var(--muted)", fontStyle: "italic" },
  { tag: [tags.function(tags.definition(tags.variableName)), tags.definition(tags.className)], fontWeight: "600" },
  { tag: [tags.typeName, tags.className], color: "var(--code-type)" },
]);

const LANGUAGES = { python: () => python(), javascript: () => javascript(), wat: () => wat };

/** The range selected in the browser; a shadow root has its own selection where the browser can say it. */
function selected(view) {
  const selection = view.root.getSelection?.() ?? document.getSelection();
  const range = selection?.rangeCount ? selection.getRangeAt(0) : null;
  if (!range || range.collapsed || !view.contentDOM.contains(range.startContainer)) return view.state.selection.main;
  return {
    from: view.posAtDOM(range.startContainer, range.startOffset),
    to: view.posAtDOM(range.endContainer, range.endOffset),
  };
}

/**
 * Replaces a selection itself. The browser would carry the first letter's look over in an inline style, which the
 * page's policy refuses. The range is the browser's: the editor may not have heard of a selection made just now.
 */
const replacing = EditorView.domEventHandlers({
  beforeinput(event, view) {
    if (event.inputType !== "insertText" || event.data === null || view.composing) return false;
    const { from, to } = selected(view);
    if (from === to) return false;
    event.preventDefault();
    view.dispatch({
      changes: { from, to, insert: event.data },
      selection: { anchor: from + event.data.length },
      userEvent: "input.type",
      scrollIntoView: true,
    });
    return true;
  },
});

/** The extensions of a language; a language without highlighting is plain text. */
const speak = (language) => (LANGUAGES[language] ? LANGUAGES[language]() : []);

/**
 * Puts an editor into `host`.
 *
 * @param {HTMLElement} host gets an open shadow root.
 * @param {string} text the first text.
 * @param {string} language `python`, `javascript`, `wat`; others are plain.
 * @param {string} label accessible name.
 * @param {(text: string) => void} changed called after each edit by the user.
 * @returns {{setText: (text: string) => void, setLanguage: (language: string) => void, focus: () => void, destroy: () => void}}
 */
export function create(host, text, language, label, changed) {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  const spoken = new Compartment();
  let telling = true;
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(), highlightSpecialChars(), history(), drawSelection(), indentOnInput(), bracketMatching(),
        highlightActiveLine(), highlightActiveLineGutter(), highlightSelectionMatches(),
        syntaxHighlighting(highlight), indentUnit.of("    "), EditorState.tabSize.of(4),
        // Mod-Enter runs the code: it is the page's key, not the editor's. Escape, then Tab, leaves the editor.
        keymap.of([...defaultKeymap.filter((binding) => binding.key !== "Mod-Enter"), ...historyKeymap, ...searchKeymap, indentWithTab]),
        spoken.of(speak(language)),
        theme,
        replacing,
        EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", autocapitalize: "off", autocorrect: "off" }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged && telling) changed(update.state.doc.toString());
        }),
      ],
    }),
  });
  return {
    setText(next) {
      if (next === view.state.doc.toString()) return;
      telling = false;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } });
      telling = true;
    },
    setLanguage: (next) => view.dispatch({ effects: spoken.reconfigure(speak(next)) }),
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  };
}
