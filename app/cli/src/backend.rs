//! What computes a model: the processor, or a GPU by its Vulkan driver.

use std::path::Path;

use clap::ValueEnum;
use frugal_gpu::{Gpu, OpenError, Options, block_on};
use frugal_tensor::{Backend, Cpu};

use crate::failure::{Failure, say};

/// Which backend a model runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BackendChoice {
    /// A GPU if there is one that is no software, else the processor
    Auto,
    /// The processor
    Cpu,
    /// The best adapter there is, be it software
    Gpu,
}

impl BackendChoice {
    /// Opens it; on a GPU every kernel is held against its meaning first.
    pub(crate) fn open(self) -> Result<Box<dyn Backend>, Failure> {
        match self {
            Self::Cpu => Ok(Box::new(Cpu::fast())),
            Self::Gpu => gpu().map(|gpu| Box::new(gpu) as Box<dyn Backend>).map_err(unusable),
            Self::Auto => {
                if !has_gpu() {
                    return Ok(Box::new(Cpu::fast()));
                }
                match gpu() {
                    Ok(gpu) => Ok(Box::new(gpu)),
                    Err(error) => {
                        say(format_args!("on the processor: {error}"));
                        Ok(Box::new(Cpu::fast()))
                    }
                }
            }
        }
    }
}

impl BackendChoice {
    /// Opens it for training, for which the processor multiplies whole matrices.
    pub(crate) fn open_to_train(self) -> Result<Box<dyn Backend>, Failure> {
        match self {
            Self::Gpu => self.open(),
            Self::Auto if has_gpu() => self.open(),
            Self::Auto | Self::Cpu => Ok(Box::new(Cpu::training())),
        }
    }
}

/// Whether there is a GPU that is no software. On Linux a GPU has a device file; where there is none, loading the drivers
/// would only cost time, and some of them say things on standard error.
pub(crate) fn has_gpu() -> bool {
    const DEVICES: [&str; 5] = ["/dev/dri", "/dev/nvidiactl", "/dev/dxg", "/dev/kgsl-3d0", "/dev/mali0"];
    let may_have = !cfg!(target_os = "linux") || DEVICES.iter().any(|device| Path::new(device).exists());
    may_have && Gpu::adapters().first().is_some_and(|adapter| !adapter.software)
}

fn gpu() -> Result<Gpu, OpenError> {
    block_on(Gpu::open(Options::default()))
}

fn unusable(error: OpenError) -> Failure {
    let hint = match error {
        OpenError::NoAdapter { .. } => {
            "install the GPU's Vulkan driver and libvulkan1, or choose --backend cpu; \
             VK_DRIVER_FILES=FILE.json names a driver that the loader does not find"
        }
        _ => "choose --backend cpu, or another driver by VK_DRIVER_FILES=FILE.json",
    };
    Failure::usage(error).hint(hint)
}
