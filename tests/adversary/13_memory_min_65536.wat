;; bad-input: 13 — a minimum memory of 4 GiB
;; expect: rejected
;; message: below the module's minimum
(module (memory 65536) (func (export "run")))
