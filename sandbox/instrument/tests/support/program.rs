//! Random programs that turn loops, call one another, branch, move memory and compute with NaNs, and
//! still end. Where purely random modules mostly trap, spin or fall through, these run long and finish.

use std::fmt::Write as _;

use super::random::Random;

/// Functions of a program; each calls only later ones, so that every program ends.
const FUNCTIONS: usize = 5;
/// Loops inside one another.
const LOOPS: usize = 2;

/// Text of the program that `seed` means. It exports `f0` to `f4`, each `(i32, f64) -> (i64, f32)`.
pub(crate) fn program(seed: u64) -> String {
    let mut writer = Writer { random: Random(seed), out: String::new(), function: 0, loops: 0, labels: 0 };
    let table = (0..FUNCTIONS).map(|at| format!(" $f{at}")).collect::<String>();
    let mut text = format!(
        "(module (memory (export \"memory\") 1 3) (table $t 8 20 funcref) (elem (table $t) (i32.const 0) func{table})
         (data $d \"0123456789abcdef\") (elem $e func $f0 $f4)
         (type $s (func (param i32 f64) (result i64 f32))) (type $p (func (param i64 f32) (result i64 f32)))
         (global $g (export \"g\") (mut i64) (i64.const 7)) (global $h (export \"h\") (mut f64) (f64.const 0))\n"
    );
    for at in 0..FUNCTIONS {
        writer.function(at);
    }
    text.push_str(&writer.out);
    text.push(')');
    text
}

struct Writer {
    random: Random,
    out: String,
    function: usize,
    loops: usize,
    labels: usize,
}

impl Writer {
    fn pick(&mut self, count: u64) -> u64 {
        self.random.next() % count
    }

    fn function(&mut self, at: usize) {
        (self.function, self.loops, self.labels) = (at, 0, 0);
        let _ = writeln!(
            self.out,
            "(func $f{at} (export \"f{at}\") (type $s) (local $i i32) (local $l i64) (local $x f32) (local $y f64)
             (local $v v128) (local $c0 i32) (local $c1 i32)"
        );
        for _ in 0..2 + self.pick(6) {
            self.statement(3);
        }
        let (long, float) = (self.long(2), self.float(2));
        match self.pick(5) {
            0 if at + 1 < FUNCTIONS => {
                let callee = at + 1 + self.index(FUNCTIONS - at - 1);
                let (int, double) = (self.int(2), self.double(2));
                let _ = writeln!(self.out, "(return_call $f{callee} {int} {double})");
            }
            1 => {
                let _ = writeln!(self.out, "(br 0 {long} {float}) (drop (i32.const 3))");
            }
            2 => {
                let _ = writeln!(self.out, "(return {long} {float})");
            }
            _ => {
                let _ = writeln!(self.out, "{long} {float}");
            }
        }
        self.out.push_str(")\n");
    }

    fn index(&mut self, count: usize) -> usize {
        usize::try_from(self.pick(count as u64)).unwrap_or(0)
    }

    fn statements(&mut self, depth: u32) {
        for _ in 0..=self.pick(3) {
            self.statement(depth);
        }
    }

    fn statement(&mut self, depth: u32) {
        let text = match self.pick(if depth == 0 { 10 } else { 16 }) {
            0 => format!("(local.set $i {})", self.int(2)),
            1 => format!("(local.set $l {})", self.long(2)),
            2 => format!("(local.set $x {})", self.float(2)),
            3 => format!("(local.set $y {})", self.double(3)),
            4 => format!("(local.set $v {})", self.vector(2)),
            5 => format!("(global.set $h {})", self.double(2)),
            6 => self.store(),
            7 => self.bulk(),
            8 => format!("(global.set $g (i64.add (global.get $g) {}))", self.long(1)),
            9 => {
                format!("(drop (memory.grow {}))", ["(i32.const 1)", "(local.get $i)", "(i32.const 0)"][self.index(3)])
            }
            10 if self.loops < LOOPS => return self.counted_loop(depth),
            11 | 12 => return self.choice(depth),
            13 => return self.table_of_branches(depth),
            _ => return self.call(),
        };
        let _ = writeln!(self.out, "{text}");
    }

    /// A loop of up to six turns, sometimes left early.
    fn counted_loop(&mut self, depth: u32) {
        let counter = self.loops;
        self.loops += 1;
        let turns = 1 + self.pick(6);
        let _ = writeln!(self.out, "(local.set $c{counter} (i32.const 0)) (block (loop");
        self.statements(depth - 1);
        if self.pick(3) == 0 {
            let condition = self.int(1);
            let _ = writeln!(self.out, "(br_if 1 {condition})");
        }
        let _ = writeln!(
            self.out,
            "(br_if 0 (i32.lt_u (local.tee $c{counter} (i32.add (local.get $c{counter}) (i32.const 1))) (i32.const {turns})))))"
        );
        self.loops -= 1;
    }

    fn choice(&mut self, depth: u32) {
        let condition = self.int(2);
        let _ = writeln!(self.out, "(if {condition} (then");
        self.statements(depth - 1);
        match self.pick(6) {
            0 => self.out.push_str("(br 0) (drop (i32.add (i32.const 1) (i32.const 2)))"),
            1 => self.out.push_str("(return (i64.const 1) (f32.const nan)) (block (br_if 0 (i32.const 1)) nop)"),
            2 => self.out.push_str("nop (block nop)"),
            _ => {}
        }
        self.out.push(')');
        if self.pick(2) == 0 {
            self.out.push_str("(else ");
            self.statements(depth - 1);
            if self.pick(4) == 0 {
                self.out.push_str("(br 0)");
            }
            self.out.push(')');
        }
        self.out.push_str(")\n");
    }

    fn table_of_branches(&mut self, depth: u32) {
        let index = self.int(1);
        let _ = writeln!(self.out, "(block (block (block (br_table 0 1 2 1 (i32.and {index} (i32.const 7))))");
        self.statements(depth - 1);
        self.out.push_str("(br 1))");
        self.statements(depth - 1);
        self.out.push_str(")\n");
    }

    fn call(&mut self) {
        let left = FUNCTIONS - self.function - 1;
        if left == 0 || self.loops > 1 {
            self.out.push_str("nop\n");
            return;
        }
        let callee = self.function + 1 + self.index(left);
        let (int, double) = (self.int(1), self.double(1));
        let call = match self.pick(3) {
            0 => format!("(call_indirect $t (type $s) {int} {double} (i32.const {callee}))"),
            _ => format!("(call $f{callee} {int} {double})"),
        };
        let _ = match self.pick(3) {
            0 => writeln!(self.out, "{call} (block (type $p)) (local.set $x) (local.set $l)"),
            1 => writeln!(self.out, "{call} drop (global.set $g)"),
            _ => writeln!(self.out, "{call} drop drop"),
        };
    }

    /// A store of any type at an address that may lie past one page, but not past the first.
    fn store(&mut self) -> String {
        let address = format!("(i32.and {} (i32.const 0xfff0))", self.int(1));
        match self.pick(6) {
            0 => format!("(i32.store {address} {})", self.int(2)),
            1 => format!("(i64.store16 {address} {})", self.long(2)),
            2 => format!("(f32.store {address} {})", self.float(2)),
            3 => format!("(f64.store {address} {})", self.double(2)),
            4 => format!("(v128.store {address} {})", self.vector(2)),
            _ => format!("(v128.store32_lane 2 {address} {})", self.vector(1)),
        }
    }

    fn bulk(&mut self) -> String {
        let length = match self.pick(3) {
            0 => "(i32.const 5)".to_owned(),
            1 => "(i32.const 300)".to_owned(),
            _ => format!("(i32.and {} (i32.const 63))", self.int(1)),
        };
        let small = ["(i32.const 2)", "(i32.and (local.get $i) (i32.const 3))"][self.index(2)];
        match self.pick(7) {
            0 => format!("(memory.fill (i32.const 64) {} {length})", self.int(1)),
            1 => format!("(memory.copy (i32.const 9) (i32.const 4) {length})"),
            2 => format!("(memory.init $d (i32.const 32) (i32.const 1) {small})"),
            3 => format!("(table.fill $t (i32.const 6) (ref.null func) (i32.and {small} (i32.const 1)))"),
            4 => format!("(drop (table.grow $t (ref.null func) {small}))"),
            5 => format!("(table.copy $t $t (i32.const 6) (i32.const 5) (i32.and {small} (i32.const 1)))"),
            _ => format!("(table.init $t $e (i32.const 5) (i32.const 0) (i32.and {small} (i32.const 1)))"),
        }
    }

    fn int(&mut self, depth: u32) -> String {
        if depth == 0 {
            return ["(local.get 0)", "(local.get $i)", "(i32.const -1)", "(local.get $c0)"][self.index(4)].to_owned();
        }
        let down = depth - 1;
        match self.pick(10) {
            0 => format!("(i32.add {} {})", self.int(down), self.int(down)),
            1 => format!("(i32.xor {} {})", self.int(down), self.int(down)),
            2 => format!("(f64.lt {} {})", self.double(down), self.double(down)),
            3 => format!("(i32.wrap_i64 {})", self.long(down)),
            4 => format!("(i32.trunc_sat_f32_s {})", self.float(down)),
            5 => format!("(i32.reinterpret_f32 {})", self.float(down)),
            6 => format!("(i32.load8_u (i32.and {} (i32.const 255)))", self.int(down)),
            7 => format!("(select {} {} {})", self.int(down), self.int(down), self.int(down)),
            8 => format!("(local.tee $i {})", self.int(down)),
            _ => "(memory.size)".to_owned(),
        }
    }

    fn long(&mut self, depth: u32) -> String {
        if depth == 0 {
            return ["(local.get $l)", "(global.get $g)", "(i64.const 12345678901)"][self.index(3)].to_owned();
        }
        let down = depth - 1;
        match self.pick(6) {
            0 => format!("(i64.mul {} {})", self.long(down), self.long(down)),
            1 => format!("(i64.rotl {} {})", self.long(down), self.long(down)),
            2 => format!("(i64.extend_i32_s {})", self.int(down)),
            3 => format!("(i64.reinterpret_f64 {})", self.double(down)),
            4 => format!("(i64.trunc_sat_f64_u {})", self.double(down)),
            _ => format!("(i64x2.extract_lane 1 {})", self.vector(down)),
        }
    }

    fn float(&mut self, depth: u32) -> String {
        if depth == 0 {
            return ["(local.get $x)", "(f32.const nan:0x200001)", "(f32.const 1.5)"][self.index(3)].to_owned();
        }
        let down = depth - 1;
        match self.pick(9) {
            0 => format!("(f32.add {} {})", self.float(down), self.float(down)),
            1 => format!("(f32.div {} {})", self.float(down), self.float(down)),
            2 => format!("(f32.sqrt {})", self.float(down)),
            3 => format!("(f32.neg {})", self.float(down)),
            4 => format!("(f32.demote_f64 {})", self.double(down)),
            5 => format!("(f32.reinterpret_i32 {})", self.int(down)),
            6 => format!("(f32.copysign {} {})", self.float(down), self.float(down)),
            7 => format!("(f32x4.extract_lane 3 {})", self.vector(down)),
            _ => format!("(f32.nearest {})", self.float(down)),
        }
    }

    fn double(&mut self, depth: u32) -> String {
        if depth == 0 {
            let leaves = ["(local.get 1)", "(local.get $y)", "(global.get $h)", "(f64.const -nan:0x4000000000001)"];
            return leaves[self.index(4)].to_owned();
        }
        let down = depth - 1;
        match self.pick(9) {
            0 => format!("(f64.sub {} {})", self.double(down), self.double(down)),
            1 => format!("(f64.mul {} {})", self.double(down), self.double(down)),
            2 => format!("(f64.min {} {})", self.double(down), self.double(down)),
            3 => format!("(f64.abs {})", self.double(down)),
            4 => format!("(f64.promote_f32 {})", self.float(down)),
            5 => format!("(f64.convert_i64_s {})", self.long(down)),
            6 => format!("(f64.load (i32.and {} (i32.const 0xff0)))", self.int(down)),
            7 => format!("(f64.trunc {})", self.double(down)),
            _ => format!("(f64.reinterpret_i64 {})", self.long(down)),
        }
    }

    fn vector(&mut self, depth: u32) -> String {
        if depth == 0 {
            return ["(local.get $v)", "(v128.const i32x4 0x7fa00001 0xff800000 1 0xffffffff)"][self.index(2)]
                .to_owned();
        }
        let down = depth - 1;
        match self.pick(11) {
            0 => format!("(f32x4.add {} {})", self.vector(down), self.vector(down)),
            1 => format!("(f64x2.div {} {})", self.vector(down), self.vector(down)),
            2 => format!("(f32x4.splat {})", self.float(down)),
            3 => format!("(f64x2.sqrt {})", self.vector(down)),
            4 => format!("(f32x4.pmin {} {})", self.vector(down), self.vector(down)),
            5 => format!("(f64x2.max {} {})", self.vector(down), self.vector(down)),
            6 => format!("(f32x4.demote_f64x2_zero {})", self.vector(down)),
            7 => format!("(f64x2.promote_low_f32x4 {})", self.vector(down)),
            8 => format!("(i32x4.mul {} {})", self.vector(down), self.vector(down)),
            9 => format!("(f64x2.replace_lane 0 {} {})", self.vector(down), self.double(down)),
            _ => format!("(f32x4.ceil {})", self.vector(down)),
        }
    }
}
