;; bad-input: 34
;; expect: trapped integer_overflow
(module (func (export "run") (result i32) (i32.div_s (i32.const -2147483648) (i32.const -1))))
