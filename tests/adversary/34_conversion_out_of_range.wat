;; bad-input: 34 — a float out of range, which engines name by two words
;; expect: trapped integer_overflow
(module (func (export "run") (result i64) (i64.trunc_f64_s (f64.const 1e300))))
