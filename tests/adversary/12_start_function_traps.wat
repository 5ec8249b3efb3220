;; bad-input: 12 — a start function that traps
;; expect: rejected
;; message: start function
(module
  (func $start (unreachable))
  (func (export "run"))
  (start $start))
