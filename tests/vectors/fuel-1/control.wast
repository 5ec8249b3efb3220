;; An empty function: entry 1.
(assert_fuel 1 (module (func (export "run"))))

;; Free operators: entry 1; nop, block and drop 0; const 1.
(assert_fuel 2 (module (func (export "run") nop (block nop) (drop (i32.const 1)))))

;; Entering a loop is free: entry 1.
(assert_fuel 1 (module (func (export "run") (loop))))

;; Ten turns: entry 1 + 10 x (get, const, add, tee, const, lt, br_if = 7) = 71.
(assert_fuel 71 (module (func (export "run") (local i32)
  (loop (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 10)))))))

;; Nested loops, 3 x 4: entry 1 + 3 x (const, set = 2; 4 x 7 = 28; 7) = 1 + 3 x 37 = 112.
(assert_fuel 112 (module (func (export "run") (local i32 i32)
  (loop
    (local.set 1 (i32.const 0))
    (loop (br_if 0 (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (i32.const 4))))
    (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 3)))))))

;; `if` without `else`, taken: entry 1, const 1, if 1, const 1 = 4.
(assert_fuel 4 (module (func (export "run") (if (i32.const 1) (then (drop (i32.const 7)))))))
;; Not taken: entry 1, const 1, if 1 = 3.
(assert_fuel 3 (module (func (export "run") (if (i32.const 0) (then (drop (i32.const 7)))))))

;; `if` with `else`, first arm: entry 1, const 1, if 1, const 1 = 4.
(assert_fuel 4 (module (func (export "run")
  (drop (if (result i32) (i32.const 1)
    (then (i32.const 1)) (else (i32.add (i32.const 2) (i32.const 3))))))))
;; Second arm: entry 1, const 1, if 1, const const add 3 = 6.
(assert_fuel 6 (module (func (export "run")
  (drop (if (result i32) (i32.const 0)
    (then (i32.const 1)) (else (i32.add (i32.const 2) (i32.const 3))))))))

;; `select`: entry 1, three consts 3, select 1 = 5; the typed form costs the same.
(assert_fuel 5 (module (func (export "run") (drop (select (i32.const 1) (i32.const 2) (i32.const 3))))))
(assert_fuel 5 (module (func (export "run")
  (drop (select (result i64) (i64.const 1) (i64.const 2) (i32.const 3))))))

;; `return` is free: entry 1, const 1 = 2.
(assert_fuel 2 (module (func (export "run") (drop (i32.const 1)) return)))
;; Early return from inside two blocks: entry 1, const 1, br_if not taken 1, const 1 = 4; the rest is not reached.
(assert_fuel 4 (module (func (export "run")
  (block (block (br_if 0 (i32.const 0)) (drop (i32.const 1)) (return)) (drop (i32.const 2))))))

;; Globals and locals: entry 1; get const add set 4; get tee drop 2 = 7.
(assert_fuel 7 (module (global $g (mut i64) (i64.const 5)) (func (export "run") (local i64)
  (global.set $g (i64.add (global.get $g) (i64.const 1)))
  (drop (local.tee 0 (local.get 0))))))
