;; own, 33 — an arithmetic NaN has one bit pattern on every engine
;; expect: finished
;; value: 2143289344
(module (func (export "run") (result i32)
  (i32.reinterpret_f32 (f32.div (f32.const 0) (f32.const 0)))))
