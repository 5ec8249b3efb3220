;; bad-input: 20 — tail calls without end use no stack, so fuel ends them
;; limits: fuel=1000000
;; expect: out_of_fuel
(module (func $a (export "run") (return_call $a)))
