;; `br` out of a block: entry 1, br 1 = 2.
(assert_fuel 2 (module (func (export "run") (block (br 0)))))
;; With a value: entry 1, const 1, br 1 = 3.
(assert_fuel 3 (module (func (export "run") (drop (block (result i32) (br 0 (i32.const 1)))))))

;; `br_if` costs 1 whether taken: entry 1, const 1, br_if 1, const 1 = 4.
(assert_fuel 4 (module (func (export "run") (block (br_if 0 (i32.const 0)) (drop (i32.const 7))))))
;; Taken: entry 1, const 1, br_if 1 = 3.
(assert_fuel 3 (module (func (export "run") (block (br_if 0 (i32.const 1)) (drop (i32.const 7))))))

;; `br_table` costs 1 whatever its size. Case 0: entry 1, const 1, br_table 1, then two consts = 5.
(assert_fuel 5 (module (func (export "run")
  (block (block (block (br_table 0 1 2 (i32.const 0))) (drop (i32.const 7))) (drop (i32.const 8))))))
;; Case 1: one const less.
(assert_fuel 4 (module (func (export "run")
  (block (block (block (br_table 0 1 2 (i32.const 1))) (drop (i32.const 7))) (drop (i32.const 8))))))
;; Default: two less.
(assert_fuel 3 (module (func (export "run")
  (block (block (block (br_table 0 1 2 (i32.const 9))) (drop (i32.const 7))) (drop (i32.const 8))))))
;; Only a default: entry 1, const 1, br_table 1 = 3.
(assert_fuel 3 (module (func (export "run") (block (br_table 0 (i32.const 9))))))

;; A branch to the function's own label leaves through its exit: entry 1, br 1 = 2.
(assert_fuel 2 (module (func (export "run") (br 0))))
(assert_fuel 2 (module (func (export "run") (block (loop (br 2))))))
;; Conditional, not taken: entry 1, const 1, br_if 1, const 1 = 4.
(assert_fuel 4 (module (func (export "run") (br_if 0 (i32.const 0)) (drop (i32.const 7)))))
;; Taken: 3.
(assert_fuel 3 (module (func (export "run") (br_if 0 (i32.const 1)) (drop (i32.const 7)))))
;; By table, in the middle of a loop: entry 1, const 1, br_table 1 = 3.
(assert_fuel 3 (module (func (export "run") (loop (br_table 0 1 (i32.const 5))))))

;; The caller sees what a callee spent before branching to its own label:
;; entry 1, call 1, entry 1, const 1, br_if 1, const 1 (after the call) = 6.
(assert_fuel 6 (module
  (func $f (br_if 0 (i32.const 1)) (drop (i32.const 7)))
  (func (export "run") (call $f) (drop (i32.const 8)))))

;; Back edge of a loop with a parameter: entry 1, const 1, then 3 turns of
;; const, sub, tee, get, br_if = 5 (the operand stays on the stack as the loop's parameter) = 17.
(assert_fuel 17 (module (func (export "run") (local i32)
  (i32.const 3)
  (loop (param i32) (result i32)
    (i32.sub (i32.const 1))
    (local.tee 0)
    (br_if 0 (local.get 0)))
  drop)))
