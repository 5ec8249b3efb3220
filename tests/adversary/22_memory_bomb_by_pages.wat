;; bad-input: 22 — grows one page at a time until denied, then gives up
;; limits: memory_bytes=1048576
;; expect: out_of_memory
(module
  (memory 1)
  (func (export "run")
    (loop $more
      (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
    (unreachable)))
