;; own — a result type with no portable form
;; expect: rejected
;; message: v128
(module (func (export "run") (result v128) (v128.const i64x2 1 2)))
