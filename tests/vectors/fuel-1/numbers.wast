;; Every numeric operator costs 1, also those that the meter follows by code of its own for NaN.
;; entry 1; f64 const const add const mul sqrt 6; demote 1, promote 1; trunc_sat 1 = 10.
(assert_fuel 10 (module (func (export "run")
  (drop (i64.trunc_sat_f64_s (f64.promote_f32 (f32.demote_f64
    (f64.sqrt (f64.mul (f64.add (f64.const 1) (f64.const 2)) (f64.const 3))))))))))
;; 0/0 stored: entry 1, const 1, consts 2, div 1, store 1 = 6.
(assert_fuel 6 (module (memory 1) (func (export "run")
  (f32.store (i32.const 0) (f32.div (f32.const 0) (f32.const 0))))))
;; Integers: entry 1; const clz 2; const const rotl 3; extend8_s 1; wrap none; add 1 = 8.
(assert_fuel 8 (module (func (export "run")
  (drop (i32.add (i32.clz (i32.const 1)) (i32.extend8_s (i32.rotl (i32.const 1) (i32.const 2))))))))
;; Loads and stores of every width: entry 1; 4 x (const const store 3); 4 x (const load 2) = 21.
(assert_fuel 21 (module (memory 1) (func (export "run")
  (i32.store8 (i32.const 0) (i32.const 1)) (i32.store16 (i32.const 0) (i32.const 1))
  (i64.store32 (i32.const 0) (i64.const 1)) (f64.store (i32.const 8) (f64.const 1))
  (drop (i32.load8_s (i32.const 0))) (drop (i64.load16_u (i32.const 0)))
  (drop (i64.load (i32.const 0))) (drop (f32.load (i32.const 0))))))
