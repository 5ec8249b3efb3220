;; bad-input: 23 — filling memory in a loop is charged by the byte
;; limits: fuel=100000000
;; expect: out_of_fuel
(module
  (memory 16)
  (func (export "run")
    (loop $again (memory.fill (i32.const 0) (i32.const 7) (i32.const 1048576)) (br $again))))
