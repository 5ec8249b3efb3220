//! The JavaScript guest: runs submitted source between two marks, as a core WebAssembly module.
//!
//! A request is JSON written at a pointer from [`alloc`]; a reply is a pointer to a `u32` length and that
//! many bytes: one status byte (0 done, 1 an exception, 3 too much output) and JSON. One instance serves
//! one job: define, prepare, empty, empty, call, result.

mod console;
mod failure;
mod guest;
mod value;

use std::cell::RefCell;

use guest::Guest;

#[link(wasm_import_module = "frugal")]
unsafe extern "C" {
    /// The host reads the fuel counter here.
    safe fn mark();
}

thread_local! {
    static GUEST: RefCell<Guest> = RefCell::new(Guest::new());
}

/// The engine asks for random bytes: a fixed sequence keeps every run the same.
#[unsafe(no_mangle)]
unsafe extern "Rust" fn __getrandom_v03_custom(dest: *mut u8, len: usize) -> Result<(), getrandom::Error> {
    thread_local! {
        static STATE: RefCell<u64> = const { RefCell::new(0x9E37_79B9_7F4A_7C15) };
    }
    // SAFETY: the caller hands over `len` writable bytes.
    let bytes = unsafe { std::slice::from_raw_parts_mut(dest, len) };
    STATE.with_borrow_mut(|state| {
        for byte in bytes {
            *state ^= *state << 13;
            *state ^= *state >> 7;
            *state ^= *state << 17;
            *byte = (*state >> 32) as u8;
        }
    });
    Ok(())
}

/// Room for a request of `len` bytes.
#[unsafe(no_mangle)]
pub extern "C" fn alloc(len: u32) -> *mut u8 {
    Box::into_raw(vec![0_u8; len as usize].into_boxed_slice()).cast()
}

/// Compiles the source; in function mode also runs its top level and finds the entry.
///
/// # Safety
/// `pointer` came from [`alloc`] with the same `len`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn define(pointer: *mut u8, len: u32, output_bytes: u32) -> *const u8 {
    // SAFETY: as this function demands.
    let request = unsafe { take(pointer, len) };
    reply(GUEST.with_borrow_mut(|guest| guest.define(&request, output_bytes as usize)))
}

/// Decodes the arguments, or takes standard input.
///
/// # Safety
/// `pointer` came from [`alloc`] with the same `len`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn prepare(pointer: *mut u8, len: u32) -> *const u8 {
    // SAFETY: as this function demands.
    let request = unsafe { take(pointer, len) };
    reply(GUEST.with_borrow_mut(|guest| guest.prepare(&request)))
}

/// Measures no call at all: the baseline.
#[unsafe(no_mangle)]
pub extern "C" fn empty() {
    GUEST.with_borrow_mut(|guest| guest.empty(mark));
}

/// Measures the call itself.
#[unsafe(no_mangle)]
pub extern "C" fn call() {
    GUEST.with_borrow_mut(|guest| guest.call(mark));
}

/// What the call returned or threw, and what it printed.
#[unsafe(no_mangle)]
pub extern "C" fn result() -> *const u8 {
    reply(GUEST.with_borrow_mut(Guest::result))
}

unsafe fn take(pointer: *mut u8, len: u32) -> Box<[u8]> {
    // SAFETY: `alloc` made this very box, and the host gives it back once.
    unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(pointer, len as usize)) }
}

/// Leaks the reply: the instance ends with it.
fn reply(bytes: Vec<u8>) -> *const u8 {
    let mut framed = u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes().to_vec();
    framed.extend_from_slice(&bytes);
    Box::leak(framed.into_boxed_slice()).as_ptr()
}
