;; bad-input: 20 — mutual recursion without end
;; expect: out_of_depth
(module
  (func $a (export "run") (call $b) (call $b))
  (func $b (call $a) (call $a)))
