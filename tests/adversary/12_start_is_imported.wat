;; bad-input: 12, 11 — a start function that is an import of WASI
;; expect: rejected
;; message: wasi_snapshot_preview1.sched_yield
(module
  (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
  (func $start (drop (call $yield)))
  (func (export "run"))
  (start $start))
