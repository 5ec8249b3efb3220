;; bad-input: 15 — garbage-collected structs
;; expect: rejected
;; message: gc
(module (type $s (struct (field i32))) (func (export "run") (drop (struct.new $s (i32.const 1)))))
