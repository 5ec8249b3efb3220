;; bad-input: 11, 16 — a module that asks for the meter's own global
;; expect: rejected
;; message: is not offered
(module (import "frugal" "fuel" (global (mut i64))) (func (export "run") (global.set 0 (i64.const -9000000000))))
