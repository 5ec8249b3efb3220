;; bad-input: 12 — a start function that never ends would run before counting begins
;; expect: rejected
;; message: start function
(module
  (func $start (loop (br 0)))
  (func (export "run") (result i32) (i32.const 1))
  (start $start))
