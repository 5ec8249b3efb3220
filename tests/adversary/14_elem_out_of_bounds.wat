;; bad-input: 14 — an active element segment out of bounds
;; expect: rejected
;; message: cannot be instantiated
(module (table 1 funcref) (elem (i32.const 5) $f) (func $f (export "run")))
