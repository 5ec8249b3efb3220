// The code editor: CodeMirror in a shadow root, so that its style sheets are constructed objects
// (no inline style element) and the page's strict content security policy holds.
import { Compartment, EditorState, RangeSet, StateEffect, StateField } from "@codemirror/state";
import {
  EditorView, GutterMarker, drawSelection, gutter, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers,
} from "@codemirror/view";
import { defaultKeymap, history, historyKeymap, indentWithTab, isolateHistory } from "@codemirror/commands";
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
  ".cm-cost": { position: "relative", minWidth: "3.4em", padding: "0 0.4em", textAlign: "right", fontSize: "0.85em", color: "var(--muted)" },
  ".cm-cost-bar": { position: "absolute", inset: "2px 0", transformOrigin: "right", backgroundColor: "var(--accent)", opacity: "0.28" },
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

/** What one line cost, as a share of the whole, with the exact fuel as its title. */
class Cost extends GutterMarker {
  constructor(share, fuel) {
    super();
    this.share = share;
    this.fuel = fuel;
  }

  eq(other) {
    return this.fuel === other.fuel && this.share === other.share;
  }

  toDOM() {
    const mark = document.createElement("div");
    mark.className = "cm-cost";
    mark.title = `${this.fuel} fuel`;
    mark.dataset.fuel = this.fuel;
    const bar = document.createElement("span");
    bar.className = "cm-cost-bar";
    bar.style.transform = `scaleX(${this.share})`;
    mark.append(bar, this.share >= 0.001 ? `${(100 * this.share).toFixed(1)}%` : "");
    return mark;
  }
}

const setCosts = StateEffect.define();

/** The costs on show; an edit makes them another program's, so it takes them away. */
const costs = StateField.define({
  create: () => RangeSet.empty,
  update(now, transaction) {
    const set = transaction.effects.find((effect) => effect.is(setCosts));
    return set ? set.value : transaction.docChanged ? RangeSet.empty : now;
  },
});

/** A column beside the line numbers while there are costs. */
const costGutter = gutter({ class: "cm-costs", markers: (view) => view.state.field(costs) });

/** The marks of a run report's profile, or none. */
function costsOf(state, report) {
  const profile = report ? JSON.parse(report).profile : null;
  if (!profile) return RangeSet.empty;
  const net = Number(JSON.parse(report).net_fuel);
  const byLine = new Map();
  for (const { line, self_fuel } of profile.lines) byLine.set(line, (byLine.get(line) ?? 0n) + BigInt(self_fuel));
  const marks = [...byLine]
    .filter(([line]) => line >= 1 && line <= state.doc.lines)
    .map(([line, fuel]) => new Cost(net > 0 ? Math.min(Number(fuel) / net, 1) : 0, String(fuel)).range(state.doc.line(line).from));
  return RangeSet.of(marks, true);
}

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
 * @returns {{setText: (text: string) => void, setLanguage: (language: string) => void, setCosts: (report: string) => void, setWriting: (writing: boolean) => void, focus: () => void, destroy: () => void}}
 */
export function create(host, text, language, label, changed) {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  const spoken = new Compartment();
  const locked = new Compartment();
  let telling = true;
  let now = language;
  // The whole state before something else began to write, with the person's steps of Undo; null while nothing does.
  let before = null;
  const silently = (act) => {
    telling = false;
    act();
    telling = true;
  };
  /** Replaces what differs. */
  const change = (state, next) => {
    const old = state.doc.toString();
    let same = 0;
    while (same < old.length && same < next.length && old[same] === next[same]) same += 1;
    return { from: same, to: old.length, insert: next.slice(same) };
  };
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: text,
      extensions: [
        costs, costGutter, lineNumbers(), highlightSpecialChars(), history(), drawSelection(), indentOnInput(), bracketMatching(),
        highlightActiveLine(), highlightActiveLineGutter(), highlightSelectionMatches(),
        syntaxHighlighting(highlight), indentUnit.of("    "), EditorState.tabSize.of(4),
        // Mod-Enter runs the code: it is the page's key, not the editor's. Escape, then Tab, leaves the editor.
        keymap.of([...defaultKeymap.filter((binding) => binding.key !== "Mod-Enter"), ...historyKeymap, ...searchKeymap, indentWithTab]),
        spoken.of(speak(language)),
        locked.of([]),
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
      const end = before ? { selection: { anchor: next.length }, scrollIntoView: true } : {};
      silently(() => view.dispatch({ changes: change(view.state, next), ...end }));
    },
    setLanguage(next) {
      now = next;
      view.dispatch({ effects: spoken.reconfigure(speak(next)) });
    },
    /** While something else writes, the person cannot; at its end all of it is one step of Undo. */
    setWriting(writing) {
      if (writing === (before !== null)) return;
      if (writing) {
        before = view.state;
        view.dispatch({ effects: locked.reconfigure(EditorState.readOnly.of(true)) });
        return;
      }
      const next = view.state.doc.toString();
      silently(() => {
        view.setState(before);
        before = null;
        view.dispatch({ effects: spoken.reconfigure(speak(now)) });
        if (next === view.state.doc.toString()) return;
        view.dispatch({
          changes: change(view.state, next),
          selection: { anchor: next.length },
          scrollIntoView: true,
          annotations: isolateHistory.of("full"),
        });
      });
    },
    /** Shows what each line cost, from a run report with a profile; an empty text shows none. */
    setCosts: (report) => view.dispatch({ effects: setCosts.of(costsOf(view.state, report)) }),
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  };
}
