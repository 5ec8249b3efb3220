//! The child's side: caps on itself, one module in, compiled code out.

use std::io::{self, Read, Write};
use std::process::ExitCode;

use frugal_fuel::Meter;
use rlimit::{Resource, setrlimit};

/// First bytes of a request: the parent and the child must be of one build.
const MAGIC: &[u8; 8] = b"frugalq1";

/// First byte of a reply with compiled code.
pub(super) const REPLY_CODE: u8 = 0;
/// First byte of a reply with the compiler's sentence about a bad module.
pub(super) const REPLY_INVALID: u8 = 1;

/// The header of a request; the module follows until the end of the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) meter: Meter,
    pub(super) cpu_seconds: u64,
    pub(super) memory_bytes: u64,
}

impl Request {
    pub(super) fn encode(self) -> Vec<u8> {
        let meter = match self.meter {
            Meter::Native => 0,
            Meter::Instrumented => 1,
        };
        let mut header = MAGIC.to_vec();
        header.push(meter);
        header.extend(self.cpu_seconds.to_le_bytes());
        header.extend(self.memory_bytes.to_le_bytes());
        header
    }

    fn read(from: &mut impl Read) -> io::Result<Self> {
        let mut magic = [0; 8];
        let (mut meter, mut seconds, mut bytes) = ([0; 1], [0; 8], [0; 8]);
        from.read_exact(&mut magic)?;
        from.read_exact(&mut meter)?;
        from.read_exact(&mut seconds)?;
        from.read_exact(&mut bytes)?;
        let meter = match (&magic == MAGIC, meter) {
            (true, [0]) => Meter::Native,
            (true, [1]) => Meter::Instrumented,
            _ => return Err(io::Error::other("this verb is for frugal's own use: it compiles one module")),
        };
        Ok(Self { meter, cpu_seconds: u64::from_le_bytes(seconds), memory_bytes: u64::from_le_bytes(bytes) })
    }
}

/// The whole life of a compiler child: reads a request from standard input, caps itself, compiles, and
/// writes the reply to standard output. An edge calls it for its hidden verb, before anything else.
///
/// Besides its caps of time and memory it may write no file and leave no core dump.
pub fn compile_child_main() -> ExitCode {
    match serve(&mut io::stdin().lock(), &mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Standard error is the parent's only view of what went wrong here.
            let _ = writeln!(io::stderr(), "compiler child: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(from: &mut impl Read, to: &mut impl Write) -> io::Result<()> {
    let request = Request::read(from)?;
    cap(request)?;
    let mut module = Vec::new();
    from.read_to_end(&mut module)?;
    let engine = crate::engine::engine(request.meter).map_err(|error| io::Error::other(format!("{error:#}")))?;
    let (status, reply) = match engine.precompile_module(&module) {
        Ok(code) => (REPLY_CODE, code),
        Err(error) => (REPLY_INVALID, format!("{error:#}").into_bytes()),
    };
    to.write_all(&[status])?;
    to.write_all(&reply)?;
    to.flush()
}

fn cap(request: Request) -> io::Result<()> {
    let limits = [
        (Resource::AS, request.memory_bytes),
        (Resource::CPU, request.cpu_seconds),
        (Resource::FSIZE, 0),
        (Resource::CORE, 0),
    ];
    for (resource, most) in limits {
        setrlimit(resource, most, most)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn request_survives_the_pipe() {
        for meter in [Meter::Native, Meter::Instrumented] {
            let request = Request { meter, cpu_seconds: 7, memory_bytes: 1 << 40 };
            let header = request.encode();
            assert_eq!(Request::read(&mut header.as_slice()).unwrap(), request);
            assert!(Request::read(&mut &header[..header.len() - 1]).is_err());
        }
        assert!(Request::read(&mut &[b'x'; 25][..]).is_err());
    }
}
