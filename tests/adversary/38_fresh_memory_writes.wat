;; bad-input: 38 — fills its memory; the next instance must see none of it
;; expect: finished
(module
  (memory 16)
  (func (export "run") (memory.fill (i32.const 0) (i32.const 165) (i32.const 1048576))))
