;; bad-input: 24 — failing memory.grow costs little fuel and much time: the deadline must fire
;; limits: fuel=9000000000000 wall_ms=300 memory_bytes=65536
;; expect: past_deadline
(module
  (memory 1)
  (func (export "run") (loop $again (drop (memory.grow (i32.const 60000))) (br $again))))
