;; bad-input: 15 — exceptions
;; expect: rejected
;; message: exceptions
(module (tag $t) (func (export "run") (throw $t)))
