;; bad-input: 34
;; expect: trapped indirect_call_type_mismatch
(module
  (type $wants (func (result i32)))
  (table 1 funcref)
  (elem (i32.const 0) $f)
  (func $f)
  (func (export "run") (drop (call_indirect (type $wants) (i32.const 0)))))
