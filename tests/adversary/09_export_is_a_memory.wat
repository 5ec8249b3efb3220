;; own — the export asked for is a memory
;; expect: rejected
;; message: there is no exported function `run`
(module (memory (export "run") 1))
