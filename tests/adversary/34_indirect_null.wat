;; bad-input: 34
;; expect: trapped indirect_call_type_mismatch
(module
  (type $t (func))
  (table 1 funcref)
  (func (export "run") (call_indirect (type $t) (i32.const 0))))
