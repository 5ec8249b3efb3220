;; bad-input: 13, 15 — 64-bit memory
;; expect: rejected
;; message: memory64
(module (memory i64 1) (func (export "run")))
