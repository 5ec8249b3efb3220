;; memory.fill of a constant length: entry 1, consts 3, fill 1, bytes 10 = 15.
(assert_fuel 15 (module (memory 1) (func (export "run")
  (memory.fill (i32.const 0) (i32.const 7) (i32.const 10)))))
;; Of no bytes: 5.
(assert_fuel 5 (module (memory 1) (func (export "run")
  (memory.fill (i32.const 0) (i32.const 7) (i32.const 0)))))
;; Above the size charged without a check: 5 + 129 = 134; at it: 5 + 128 = 133.
(assert_fuel 134 (module (memory 1) (func (export "run")
  (memory.fill (i32.const 0) (i32.const 7) (i32.const 129)))))
(assert_fuel 133 (module (memory 1) (func (export "run")
  (memory.fill (i32.const 0) (i32.const 7) (i32.const 128)))))
;; Length known only at run time: entry 1, consts 2, (global.get) 1, fill 1, bytes 1000 = 1005.
(assert_fuel 1005 (module (memory 1) (global $n (mut i32) (i32.const 1000)) (func (export "run")
  (memory.fill (i32.const 0) (i32.const 7) (global.get $n)))))
;; Length through a local: entry 1, const set 2, consts 2, get 1, fill 1, bytes 9 = 16.
(assert_fuel 16 (module (memory 1) (func (export "run") (local i32)
  (local.set 0 (i32.const 9))
  (memory.fill (i32.const 0) (i32.const 7) (local.get 0)))))

;; memory.copy: entry 1, consts 3, copy 1, bytes 20 = 25; dynamic: consts 2, global.get 1, copy 1, bytes 20, entry 1 = 25.
(assert_fuel 25 (module (memory 1) (func (export "run")
  (memory.copy (i32.const 100) (i32.const 0) (i32.const 20)))))
(assert_fuel 25 (module (memory 1) (global $n (mut i32) (i32.const 20)) (func (export "run")
  (memory.copy (i32.const 100) (i32.const 0) (global.get $n)))))
;; memory.init: entry 1, consts 3, init 1, bytes 3 = 8; data.drop 1 more; init of nothing after the drop 4 more = 13.
(assert_fuel 13 (module (memory 1) (data $d "abc") (func (export "run")
  (memory.init $d (i32.const 0) (i32.const 0) (i32.const 3))
  (data.drop $d)
  (memory.init $d (i32.const 0) (i32.const 0) (i32.const 0)))))

;; memory.grow costs no pages: entry 1, const 1, grow 1 = 3, whether it succeeds, fails, or asks for the impossible.
(assert_fuel 3 (module (memory 1 4) (func (export "run") (drop (memory.grow (i32.const 3))))))
(assert_fuel 3 (module (memory 1 4) (func (export "run") (drop (memory.grow (i32.const 4))))))
(assert_fuel 3 (module (memory 1 4) (func (export "run") (drop (memory.grow (i32.const -1))))))
;; By a number known only at run time: entry 1, global.get 1, grow 1, size 1 = 4.
(assert_fuel 4 (module (memory 1 4) (global $n (mut i32) (i32.const 2)) (func (export "run")
  (drop (memory.grow (global.get $n))) (drop (memory.size)))))

;; table.grow: entry 1, null 1, const 1, grow 1, elements 5 = 9; refused, it costs the same.
(assert_fuel 9 (module (table 1 10 funcref) (func (export "run")
  (drop (table.grow (ref.null func) (i32.const 5))))))
(assert_fuel 9 (module (table 1 3 funcref) (func (export "run")
  (drop (table.grow (ref.null func) (i32.const 5))))))
;; By a number known only at run time, and refused: entry 1, null 1, global.get 1, grow 1, elements 500, size 1 = 505.
(assert_fuel 505 (module (table 1 3 funcref) (global $n (mut i32) (i32.const 500)) (func (export "run")
  (drop (table.grow (ref.null func) (global.get $n))) (drop (table.size)))))
;; table.fill: entry 1, const 1, null 1, const 1, fill 1, elements 4 = 9.
(assert_fuel 9 (module (table 8 funcref) (func (export "run")
  (table.fill (i32.const 0) (ref.null func) (i32.const 4)))))
;; table.copy: entry 1, consts 3, copy 1, elements 4 = 9.
(assert_fuel 9 (module (table 8 funcref) (func (export "run")
  (table.copy (i32.const 4) (i32.const 0) (i32.const 4)))))
;; table.init: entry 1, consts 3, init 1, elements 2; elem.drop 1 = 8.
(assert_fuel 8 (module (table 8 funcref) (elem $e func $f $f) (func $f) (func (export "run")
  (table.init $e (i32.const 0) (i32.const 0) (i32.const 2))
  (elem.drop $e))))

;; In a loop, 3 turns of (consts 2, get 1, copy 1, bytes 1 2 3; get const add tee const le br_if 7): 33 + 6;
;; entry 1, const set 2 = 42.
(assert_fuel 42 (module (memory 1) (func (export "run") (local i32)
  (local.set 0 (i32.const 1))
  (loop
    (memory.copy (i32.const 100) (i32.const 0) (local.get 0))
    (br_if 0 (i32.le_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 3)))))))
