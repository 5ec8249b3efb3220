;; A call: entry 1, call 1, entry 1 = 3.
(assert_fuel 3 (module (func $f) (func (export "run") (call $f))))
;; Two calls: 1 + 2 x 2 = 5.
(assert_fuel 5 (module (func $f) (func (export "run") (call $f) (call $f))))
;; Arguments and a result: entry 1, consts 2, call 1, (entry 1, get get add 3) = 8.
(assert_fuel 8 (module
  (func $add (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "run") (drop (call $add (i32.const 1) (i32.const 2))))))
;; By `return` in the callee: entry 1, call 1, entry 1, const 1 = 4.
(assert_fuel 4 (module
  (func $f (result i32) (return (i32.const 1)))
  (func (export "run") (drop (call $f)))))
;; Three levels: run 1 + call 1 + (1 + call 1 + (1 + const 1)) + const 1 = 7.
(assert_fuel 7 (module
  (func $g (drop (i32.const 1)))
  (func $f (call $g))
  (func (export "run") (call $f) (drop (i32.const 2)))))

;; Through a table: entry 1, const 1, call_indirect 1, entry 1 = 4.
(assert_fuel 4 (module (type $t (func)) (table funcref (elem $f)) (func $f)
  (func (export "run") (call_indirect (type $t) (i32.const 0)))))
;; Filled at run time: entry 1; const 1, ref.func 1, table.set 1; const 1, table.get 1, ref.is_null 1;
;; const 1, call_indirect 1, entry 1 = 10.
(assert_fuel 10 (module (type $t (func)) (table 2 funcref) (elem declare func $f) (func $f)
  (func (export "run")
    (table.set (i32.const 1) (ref.func $f))
    (drop (ref.is_null (table.get (i32.const 1))))
    (call_indirect (type $t) (i32.const 1)))))

;; fib(5) makes 15 calls: 8 of n < 2 and 7 others.
;; n < 2: entry 1, get const lt if 4, get 1 = 6. Others: entry 1, 4, get const sub call x 2 = 8, add 1 = 14.
;; 8 x 6 + 7 x 14 = 146; run: entry 1, const 1, call 1 = 3. Sum 149.
(assert_fuel 149 (module
  (func $fib (param i32) (result i32)
    (if (result i32) (i32.lt_s (local.get 0) (i32.const 2))
      (then (local.get 0))
      (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
                     (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
  (func (export "run") (drop (call $fib (i32.const 5))))))

;; Called from a loop, 3 turns of (call 1, entry 1, nothing; get const add tee const lt br_if 7) = 9 each; entry 1.
(assert_fuel 28 (module (func $f) (func (export "run") (local i32)
  (loop (call $f)
    (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 3)))))))

(assert_out_of_depth (module (func $f (export "run") (call $f))))
(assert_out_of_depth (module
  (func $a (param i32) (result i32) (i32.add (call $b (local.get 0)) (i32.const 1)))
  (func $b (param i32) (result i32) (i32.add (call $a (local.get 0)) (i32.const 1)))
  (func (export "run") (drop (call $a (i32.const 1))))))
(assert_out_of_depth (module (type $t (func)) (table funcref (elem $f))
  (func $f (export "run") (call_indirect (type $t) (i32.const 0)))))
