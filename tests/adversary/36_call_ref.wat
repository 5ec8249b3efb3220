;; bad-input: 36, 15 — call_ref, whose callee once went uncounted in an engine
;; expect: rejected
;; message: function references
(module
  (type $t (func))
  (elem declare func $work)
  (func $work (local i32) (loop (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 1000)))))
  (func (export "run") (call_ref $t (ref.func $work))))
