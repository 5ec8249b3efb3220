;; bad-input: 13 — more than one memory
;; expect: rejected
;; message: multi-memory
(module (memory 1) (memory 1) (func (export "run")))
