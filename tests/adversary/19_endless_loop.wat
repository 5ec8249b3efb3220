;; bad-input: 19 — loop br 0
;; limits: fuel=1000000
;; expect: out_of_fuel
(module (func (export "run") (loop (br 0))))
