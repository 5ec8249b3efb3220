;; bad-input: 16 — a module that already exports what a meter might call its globals
;; expect: finished
;; fuel: 14
(module
  (global $mine (export "frugal_fuel") (mut i64) (i64.const -1))
  (global (export "__fuel") (mut i64) (i64.const 7))
  (func (export "frugal_oof") (global.set $mine (i64.const 0)))
  ;; entry 1 + three rounds of (const 1, set 1) = 6; then call 1 + callee entry 1 + const 1 + set 1; get 1, drop 0, get 1, add.. see below
  (func (export "run") (result i64)
    (global.set $mine (i64.const -9223372036854775808))
    (global.set $mine (i64.const 5))
    (global.set $mine (i64.const 6))
    (call 0)
    (i64.add (global.get $mine) (i64.const 1))))
