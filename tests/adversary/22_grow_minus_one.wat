;; bad-input: 22 — memory.grow(-1) is denied and the module goes on
;; expect: finished
;; value: -1
(module (memory 1) (func (export "run") (result i32) (memory.grow (i32.const -1))))
