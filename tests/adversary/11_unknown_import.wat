;; bad-input: 11 — an import of an unknown module
;; expect: rejected
;; message: import `env.launch` is not offered
(module (import "env" "launch" (func)) (func (export "run")))
