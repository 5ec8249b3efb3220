;; bad-input: 38 — counts bytes that are not zero in fresh memory
;; expect: finished
;; value: 0
(module
  (memory 16)
  (func (export "run") (result i32) (local $at i32) (local $found i32)
    (loop $next
      (local.set $found (i32.add (local.get $found) (i32.ne (i32.load8_u (local.get $at)) (i32.const 0))))
      (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (i32.const 1048576))))
    (local.get $found)))
