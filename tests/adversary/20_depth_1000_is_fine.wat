;; bad-input: 20, 21 — a thousand nested calls are never too deep
;; expect: finished
(module
  (func $down (param i32) (result i32)
    (if (result i32) (i32.eqz (local.get 0))
      (then (i32.const 0))
      (else (i32.add (i32.const 1) (call $down (i32.sub (local.get 0) (i32.const 1)))))))
  (func (export "run") (result i32) (call $down (i32.const 997))))
