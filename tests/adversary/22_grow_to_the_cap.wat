;; bad-input: 22 — grows to exactly the limit, and one page more is denied, on every engine alike
;; limits: memory_bytes=1048576
;; expect: finished
;; value: 16
(module
  (memory 1)
  (func (export "run") (result i32)
    (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
    (memory.size)))
