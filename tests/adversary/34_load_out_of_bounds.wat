;; bad-input: 34
;; expect: trapped memory_out_of_bounds
(module (memory 1) (func (export "run") (result i32) (i32.load (i32.const 65536))))
