;; own — the export asked for is not there
;; expect: rejected
;; message: there is no exported function `run`
(module (func (export "walk")))
