;; bad-input: 34
;; expect: trapped table_out_of_bounds
(module
  (type $t (func))
  (table 1 funcref)
  (func (export "run") (call_indirect (type $t) (i32.const 9))))
