;; bad-input: 11 — a memory import where nothing is offered
;; expect: rejected
;; message: import `env.memory` is not offered
(module (import "env" "memory" (memory 1)) (func (export "run")))
