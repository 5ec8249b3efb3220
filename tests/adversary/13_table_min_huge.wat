;; bad-input: 13 — a table of 2^32-1 entries
;; expect: rejected
;; message: table
(module (table 4294967295 funcref) (func (export "run")))
