;; Code that no path reaches costs nothing.
;; After br: entry 1, br 1, const after the block 1 = 3.
(assert_fuel 3 (module (func (export "run") (block (br 0) (drop (i32.const 1))) (drop (i32.const 2)))))
;; After return: entry 1.
(assert_fuel 1 (module (func (export "run") return (drop (i32.const 1)) (drop (i32.const 2)))))
;; After br_table: entry 1, const 1, br_table 1 = 3.
(assert_fuel 3 (module (func (export "run") (block (br_table 0 (i32.const 0)) (drop (i32.const 1))))))

;; A whole dead `if` with `else` stays dead: entry 1, br 1, last const 1 = 3.
(assert_fuel 3 (module (func (export "run")
  (block (br 0)
    (if (i32.const 1) (then (drop (i32.const 1))) (else (drop (i32.const 2))))
    (drop (i32.const 3)))
  (drop (i32.const 4)))))
;; Dead blocks and loops with branches of their own do not revive code: 3 again.
(assert_fuel 3 (module (func (export "run")
  (block (br 0)
    (block (br_if 0 (i32.const 1)) (drop (i32.const 5)))
    (loop (br_if 0 (i32.const 0)) (drop (i32.const 6)))
    (drop (i32.const 3)))
  (drop (i32.const 4)))))

;; A loop's own label does not revive what follows the loop: entry 1, br 1, last const 1 = 3.
(assert_fuel 3 (module (func (export "run")
  (block (loop (br 1) (br 0)) (drop (i32.const 9)))
  (drop (i32.const 1)))))

;; First arm ends dead, no else: the end is reached by the untaken edge.
;; entry 1, const 1, if 1, const 1 = 4.
(assert_fuel 4 (module (func (export "run") (if (i32.const 0) (then return)) (drop (i32.const 1)))))
;; Taken: entry 1, const 1, if 1 = 3.
(assert_fuel 3 (module (func (export "run") (if (i32.const 1) (then return)) (drop (i32.const 1)))))
;; First arm dead, second alive: entry 1, const 1, if 1, const 1, const 1 = 5.
(assert_fuel 5 (module (func (export "run")
  (if (i32.const 0) (then return) (else (drop (i32.const 5)))) (drop (i32.const 1)))))
;; First alive, second dead: entry 1, const 1, if 1, const 1, const 1 = 5.
(assert_fuel 5 (module (func (export "run")
  (if (i32.const 1) (then (drop (i32.const 5))) (else return)) (drop (i32.const 1)))))
;; Both dead, to an outer label: entry 1, const 1, if 1, br 1, last const 1 = 5.
(assert_fuel 5 (module (func (export "run")
  (block (if (i32.const 1) (then (br 1)) (else (br 1))) (drop (i32.const 5)))
  (drop (i32.const 1)))))
;; Both dead, but one branches to the `if` itself: entry 1, const 1, if 1, br 1, const 1 = 5.
(assert_fuel 5 (module (func (export "run")
  (if (i32.const 1) (then (br 0)) (else return)) (drop (i32.const 1)))))

;; Calls, bulk operations and float arithmetic in dead code: entry 1.
(assert_fuel 1 (module (memory 1) (func $f)
  (func (export "run") return (call $f)
    (memory.fill (i32.const 0) (i32.const 0) (i32.const 50))
    (drop (f64.add (f64.const 1) (f64.const 2)))
    (drop (memory.grow (i32.const 1))))))
