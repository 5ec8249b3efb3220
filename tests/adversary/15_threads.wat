;; bad-input: 15 — shared memory and atomics
;; expect: rejected
;; message: threads
(module (memory 1 1 shared) (func (export "run") (drop (i32.atomic.load (i32.const 0)))))
