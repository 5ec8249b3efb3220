;; bad-input: 20 — indirect recursion without end
;; expect: out_of_depth
(module
  (type $t (func))
  (table 1 funcref)
  (elem (i32.const 0) $a)
  (func $a (export "run") (call_indirect (type $t) (i32.const 0)) (call_indirect (type $t) (i32.const 0))))
