;; bad-input: 34
;; expect: trapped integer_overflow
(module (func (export "run") (result i32) (i32.trunc_f64_s (f64.const nan))))
