;; bad-input: 23 — a fill of 4 GB that does not fit; it is charged first, so it ends as fuel or as a trap
;; limits: fuel=10000000000
;; expect: trapped memory_out_of_bounds
(module (memory 1) (func (export "run") (memory.fill (i32.const 0) (i32.const 1) (i32.const -1))))
