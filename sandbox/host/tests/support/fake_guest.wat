;; A guest of both kinds that does, by the first byte of the define request, one honest or hostile thing.
;; Replies are laid out as a core guest's: four bytes of length, then status and JSON.
(module
  (import "frugal" "mark" (func $mark))
  (memory (export "memory") 2)
  (global $top (mut i32) (i32.const 4096))
  (global $mode (mut i32) (i32.const 0))
  (global $output_bytes (mut i32) (i32.const 0))
  (data (i32.const 256) "\03\00\00\00\00{}")
  (data (i32.const 272) "\13\00\00\00\01{\22type\22:\22Error\22}  ")
  (data (i32.const 304) "\11\00\00\00\01{\22phase\22:\22call\22}")
  (data (i32.const 336) "\01\00\00\00\03")
  (data (i32.const 352) "\01\00\00\00\02")

  (func $alloc (export "alloc") (param $length i32) (result i32)
    (local $at i32)
    (local.set $at (global.get $top))
    (global.set $top (i32.and (i32.add (i32.add (local.get $at) (local.get $length)) (i32.const 15)) (i32.const -16)))
    (local.get $at))
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) (call $alloc (local.get 3)))

  (func $is (param $mode i32) (result i32) (i32.eq (global.get $mode) (local.get $mode)))
  (func $loop (loop (br 0)))
  (func $recurse (result i32) (i32.add (call $recurse) (i32.const 1)))

  (func $define (export "define") (param $at i32) (param $length i32) (param $output_bytes i32) (result i32)
    (global.set $mode (i32.load8_u (local.get $at)))
    (global.set $output_bytes (local.get $output_bytes))
    (if (call $is (i32.const 0x6d)) (then (call $mark)))                                     ;; m: marks in define
    (if (call $is (i32.const 0x4c)) (then (call $loop)))                                     ;; L: loops in define
    (if (call $is (i32.const 0x65)) (then (return (i32.const 272))))                         ;; e: error in define
    (i32.const 256))

  (func $prepare (export "prepare") (param $at i32) (param $length i32) (result i32)
    (if (call $is (i32.const 0x50)) (then (call $loop)))                                     ;; P: loops in prepare
    (i32.const 256))

  (func (export "empty")
    (call $mark)
    (if (call $is (i32.const 0x64)) (then                                                    ;; d: a dear baseline
      (memory.fill (i32.const 8192) (i32.const 0) (i32.const 100))))
    (call $mark))

  (func (export "call")
    (if (call $is (i32.const 0x31)) (then (call $mark) (return)))                            ;; 1: one mark
    (call $mark)
    (if (call $is (i32.const 0x6c)) (then (call $loop)))                                     ;; l: loops
    (if (call $is (i32.const 0x72)) (then (drop (call $recurse))))                           ;; r: recursion
    (if (call $is (i32.const 0x74)) (then (drop (i32.div_u (i32.const 1) (i32.const 0)))))   ;; t: traps
    (if (call $is (i32.const 0x62)) (then                                                    ;; b: memory bomb
      (loop (br_if 0 (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
      (unreachable)))
    (call $mark)
    (if (call $is (i32.const 0x33)) (then (call $mark)))                                     ;; 3: three marks
    (if (call $is (i32.const 0x73)) (then (call $loop))))                                    ;; s: loops after the marks

  (func $result (export "result") (result i32)
    (local $at i32)
    (if (call $is (i32.const 0x63)) (then (return (i32.const 304))))                         ;; c: the call failed
    (if (call $is (i32.const 0x78)) (then (return (i32.const 336))))                         ;; x: too large, it says
    (if (call $is (i32.const 0x79)) (then (return (i32.const 352))))                         ;; y: out of memory, it says
    (if (call $is (i32.const 0x77)) (then (call $loop)))                                     ;; w: works in result
    (if (call $is (i32.const 0x7a)) (then                                                    ;; z: is too large
      (local.set $at (call $alloc (i32.const 20000)))
      (i32.store (local.get $at) (i32.add (global.get $output_bytes) (i32.const 5000)))
      (return (local.get $at))))
    (i32.const 256))

  ;; The component's view: a result area holding pointer and length.
  (func $as_list (param $reply i32) (result i32)
    (i32.store (i32.const 16) (i32.add (local.get $reply) (i32.const 4)))
    (i32.store (i32.const 20) (i32.load (local.get $reply)))
    (i32.const 16))
  (func (export "c-define") (param i32 i32 i32) (result i32)
    (call $as_list (call $define (local.get 0) (local.get 1) (local.get 2))))
  (func (export "c-prepare") (param i32 i32) (result i32)
    (call $as_list (call $prepare (local.get 0) (local.get 1))))
  (func (export "c-result") (result i32) (call $as_list (call $result))))
