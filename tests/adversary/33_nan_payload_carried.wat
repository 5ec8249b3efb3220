;; own, 33 — a payload that goes through arithmetic is canonical afterwards
;; expect: finished
;; value: 9221120237041090560
(module (func (export "run") (result i64)
  (i64.reinterpret_f64 (f64.add (f64.const nan:0x4000000000001) (f64.const 1)))))
