;; entry 1, v128.const 2, add 1, extract 1 = 5.
(assert_fuel 5 (module (func (export "run")
  (drop (i32x4.extract_lane 0 (i32x4.add (v128.const i32x4 1 2 3 4) (v128.const i32x4 1 2 3 4)))))))
;; Loads, lane stores, shuffle and float lanes: entry 1; const load 2; const load_splat 2; shuffle 1;
;; splat of const 2; f32x4.mul 1; local.tee 1; const get store_lane 3; f64x2.promote_low 1, f64x2.sqrt 1 = 15.
(assert_fuel 15 (module (memory 1) (func (export "run") (local v128)
  (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 (v128.load (i32.const 0)) (v128.load32_splat (i32.const 16)))
  (f32x4.splat (f32.const 2))
  f32x4.mul
  (local.tee 0)
  (v128.store32_lane 1 (i32.const 4) (local.get 0))
  f64x2.promote_low_f32x4
  f64x2.sqrt
  drop)))
;; entry 1, consts 3, bitselect 1, any_true 1 = 6.
(assert_fuel 6 (module (func (export "run")
  (drop (v128.any_true (v128.bitselect (v128.const i64x2 1 2) (v128.const i64x2 3 4) (v128.const i64x2 5 6)))))))
