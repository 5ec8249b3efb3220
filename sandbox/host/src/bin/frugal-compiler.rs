//! The compiler alone: reads one module from standard input, writes its compiled form to standard output.
//!
//! For runners that live in a program without a hidden verb of their own.

fn main() -> std::process::ExitCode {
    frugal_host::compile_child_main()
}
