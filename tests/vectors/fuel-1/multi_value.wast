;; Two results: entry 1, call 1, (entry 1, consts 2), const eqz 2 = 7.
(assert_fuel 7 (module
  (func $f (result i32 i64) (i32.const 1) (i64.const 2))
  (func (export "run") (call $f) drop drop (drop (i32.eqz (i32.const 0))))
) )
;; The same by a branch to the function's label: entry 1, call 1, entry 1, consts 2, br 1 = 6.
(assert_fuel 6 (module
  (func $f (result i32 i64) (br 0 (i32.const 1) (i64.const 2)))
  (func (export "run") (call $f) drop drop)))
;; A block with parameters: entry 1, consts 2, add 1, const 1, add 1 = 6.
(assert_fuel 6 (module (func (export "run")
  (i32.const 1) (i32.const 2)
  (block (param i32 i32) (result i32) i32.add)
  (i32.const 3) i32.add drop)))
;; An `if` with parameters and no `else`: entry 1, consts 2, if 1 = 4 (not taken: the parameter passes through).
(assert_fuel 4 (module (func (export "run")
  (i32.const 1) (i32.const 0)
  (if (param i32) (result i32) (then (i32.add (i32.const 5))))
  drop)))
;; Taken: two more.
(assert_fuel 6 (module (func (export "run")
  (i32.const 1) (i32.const 1)
  (if (param i32) (result i32) (then (i32.add (i32.const 5))))
  drop)))
;; Three results through a conditional branch to the function's label:
;; entry 1, call 1, entry 1, consts 3, const 1, br_if 1 = 8.
(assert_fuel 8 (module
  (func $f (result i32 f32 f64) (i32.const 1) (f32.const 2) (f64.const 3) (br_if 0 (i32.const 1)) (drop) (drop) (drop)
    (i32.const 4) (f32.const 5) (f64.const 6))
  (func (export "run") (call $f) drop drop drop)))
