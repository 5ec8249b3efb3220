;; bad-input: 24 — dependent square roots: slow per unit, ended by the deadline
;; limits: fuel=9000000000000 wall_ms=300
;; expect: past_deadline
(module
  (func (export "run") (local f64)
    (local.set 0 (f64.const 1e300))
    (loop $again (local.set 0 (f64.sqrt (f64.sqrt (f64.sqrt (local.get 0))))) (br $again))))
