;; bad-input: 34
;; expect: trapped divide_by_zero
(module (func (export "run") (result i32) (i32.div_u (i32.const 1) (i32.const 0))))
