//! The lessons in JavaScript and WebAssembly text.

use super::{Example, Language};

const SPREAD: &str = "\
// Each round copies the whole array.
function collect(n) {
  let all = [];
  for (let i = 0; i < n; i++) all = [...all, i * i];
  return all.length;
}
";
const PUSH: &str = "\
// Each round appends in place.
function collect(n) {
  const all = [];
  for (let i = 0; i < n; i++) all.push(i * i);
  return all.length;
}
";
const SUM_LOOP: &str = "\
;; 1 + 2 + ... + n, one by one: 12 units a round.
(module
  (func (export \"sum\") (param $n i64) (result i64)
    (local $total i64)
    (block $done
      (loop $again
        (br_if $done (i64.eqz (local.get $n)))
        (local.set $total (i64.add (local.get $total) (local.get $n)))
        (local.set $n (i64.sub (local.get $n) (i64.const 1)))
        (br $again)))
    (local.get $total)))
";
const SUM_FORMULA: &str = "\
;; n (n + 1) / 2: the same few operators for every n.
(module
  (func (export \"sum\") (param $n i64) (result i64)
    (i64.div_u
      (i64.mul (local.get $n) (i64.add (local.get $n) (i64.const 1)))
      (i64.const 2))))
";

pub(super) const LESSONS: [Example; 2] = [
    Example {
        id: "javascript-copy",
        title: "JavaScript: copy or append",
        lesson: "Spreading copies; pushing does not. JavaScript fuel is never compared with Python fuel.",
        language: Language::Javascript,
        source: SPREAD,
        second_source: Some(PUSH),
        entry: "collect",
        input: "[60]",
    },
    Example {
        id: "wat-sum",
        title: "WebAssembly: loop or formula",
        lesson: "Here every unit can be counted by hand: one per operator, one per function entry.",
        language: Language::Wat,
        source: SUM_LOOP,
        second_source: Some(SUM_FORMULA),
        entry: "sum",
        input: "[1000]",
    },
];
