;; entry 1, return_call 1, entry 1 = 3.
(assert_fuel 3 (module (func $f) (func (export "run") (return_call $f))))
;; Through a table: entry 1, const 1, return_call_indirect 1, entry 1 = 4.
(assert_fuel 4 (module (type $t (func)) (table funcref (elem $f)) (func $f)
  (func (export "run") (return_call_indirect (type $t) (i32.const 0)))))
;; What follows is dead: entry 1, return_call 1, entry 1 = 3.
(assert_fuel 3 (module (func $f) (func (export "run") (return_call $f) (drop (i32.const 1)))))
;; Countdown from 10: run const 1, return_call 1, entry 1; 10 x (entry 1, get 1, if 1, get const sub 3, return_call 1 = 7),
;; last (entry 1, get 1, if 1 = 3) = 76.
(assert_fuel 76 (module
  (func $f (param i32)
    (if (local.get 0) (then (return_call $f (i32.sub (local.get 0) (i32.const 1))))))
  (func (export "run") (return_call $f (i32.const 10)))))
;; A million tail calls nest nothing: 3 + 1 000 000 x 7 + 3 = 7 000 006.
(assert_fuel 7000006 (module
  (func $f (param i32)
    (if (local.get 0) (then (return_call $f (i32.sub (local.get 0) (i32.const 1))))))
  (func (export "run") (return_call $f (i32.const 1000000)))))
;; The caller goes on after its callee tail-called: run entry 1, call 1, const 1; f entry 1, return_call 1; g entry 1, const 1 = 7.
(assert_fuel 7 (module
  (func $g (drop (i32.const 1)))
  (func $f (return_call $g))
  (func (export "run") (call $f) (drop (i32.const 2)))))
