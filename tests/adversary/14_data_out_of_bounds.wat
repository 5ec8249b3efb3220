;; bad-input: 14 — an active data segment out of bounds
;; expect: rejected
;; message: cannot be instantiated
(module (memory 1) (data (i32.const 65530) "0123456789") (func (export "run")))
