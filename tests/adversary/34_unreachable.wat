;; bad-input: 34
;; expect: trapped unreachable
(module (func (export "run") (unreachable)))
