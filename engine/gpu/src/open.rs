//! From nothing to a device that computes rightly.

use frugal_tensor::BackendError;

use crate::calls::Kernels;
use crate::gpu::Gpu;
use crate::health::Health;
use crate::kernels::Patch;
use crate::self_test;

/// What to open. The default takes the best adapter and tests it.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Part of the adapter's name, when there are several; ignored in a browser, which gives one.
    pub adapter: Option<String>,
    /// Which kernels to use; by the adapter when `None`.
    pub kernels: Option<Kernels>,
    /// Skip the comparison of each kernel with the reference: for measurements of the comparison itself.
    pub untested: bool,
    /// Whether it shall train. Kernels of training are then compared too; else a plan that trains is refused.
    pub training: bool,
}

/// Why there is no device.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// No WebGPU here, or no adapter of that name.
    #[error("no WebGPU adapter: {reason}; use the CPU")]
    NoAdapter {
        /// What was found instead.
        reason: String,
    },
    /// An adapter that gives no device.
    #[error("{adapter} gives no device: {reason}")]
    Device {
        /// Its name.
        adapter: String,
        /// What the driver says.
        reason: String,
    },
    /// A device that does not compute what an operator means.
    #[error("{adapter} computes {op} wrongly and is not used: {case}, normalised mean squared error {nmse:e}")]
    Wrong {
        /// Its name.
        adapter: String,
        /// The operator.
        op: &'static str,
        /// The case with the largest error.
        case: String,
        /// Its error; infinite where bytes outside of the output changed or a result is no number.
        nmse: f64,
    },
    /// A device that failed while it was tested.
    #[error("{adapter} failed in its self-test: {error}")]
    Failed {
        /// Its name.
        adapter: String,
        /// What failed.
        error: BackendError,
    },
}

/// What computes, for people and for choosing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adapter {
    /// As the driver names it; browsers often say nothing.
    pub name: String,
    /// The driver, where it is known.
    pub driver: String,
    /// Whether a processor plays the GPU: right, and slower than the CPU backend.
    pub software: bool,
    /// The most bytes of one binding.
    pub binding_bytes: usize,
    /// The most bytes of one buffer.
    pub buffer_bytes: usize,
}

impl Adapter {
    fn of(adapter: &wgpu::Adapter) -> Self {
        let (info, limits) = (adapter.get_info(), adapter.limits());
        let bytes = |limit: u64| usize::try_from(limit).unwrap_or(usize::MAX);
        Self {
            name: if info.name.is_empty() { "WebGPU adapter".to_owned() } else { info.name },
            driver: [info.driver, info.driver_info].join(" ").trim().to_owned(),
            software: info.device_type == wgpu::DeviceType::Cpu,
            binding_bytes: bytes(limits.max_storage_buffer_binding_size),
            buffer_bytes: bytes(limits.max_buffer_size),
        }
    }
}

impl Gpu {
    /// Opens an adapter and holds its kernels against the reference.
    ///
    /// # Errors
    /// [`OpenError`]; an edge falls back to the CPU.
    pub async fn open(options: Options) -> Result<Self, OpenError> {
        Self::open_patched(options, None).await
    }

    pub(crate) async fn open_patched(options: Options, patch: Option<Patch>) -> Result<Self, OpenError> {
        let adapter = find(options.adapter.as_deref()).await?;
        let offered = adapter.limits();
        let limits = wgpu::Limits {
            max_buffer_size: offered.max_buffer_size,
            max_storage_buffer_binding_size: offered.max_storage_buffer_binding_size,
            ..wgpu::Limits::default()
        };
        let described = Adapter::of(&adapter);
        let descriptor = wgpu::DeviceDescriptor { required_limits: limits.clone(), ..Default::default() };
        let (device, queue) = adapter
            .request_device(&descriptor)
            .await
            .map_err(|error| OpenError::Device { adapter: described.name.clone(), reason: error.to_string() })?;
        let health = Health::default();
        health.watch(&device);
        let suited = if described.software { Kernels::Serial } else { Kernels::Parallel };
        let kernels = options.kernels.unwrap_or(suited);
        let most_groups = limits.max_compute_workgroups_per_dimension;
        let mut gpu = Self::new(device, queue, health, described, kernels, most_groups, patch);
        gpu.trains = options.training;
        if !options.untested {
            self_test::run(&mut gpu).await?;
        }
        Ok(gpu)
    }
}

fn instance() -> wgpu::Instance {
    wgpu::Instance::new(wgpu::InstanceDescriptor {
        // What a browser would refuse, a test shall refuse too.
        flags: wgpu::InstanceFlags::STRICT_WEBGPU_COMPLIANCE,
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    })
}

#[cfg(target_arch = "wasm32")]
async fn find(_: Option<&str>) -> Result<wgpu::Adapter, OpenError> {
    let options =
        wgpu::RequestAdapterOptions { power_preference: wgpu::PowerPreference::HighPerformance, ..Default::default() };
    let adapter = instance().request_adapter(&options).await;
    adapter.map_err(|error| OpenError::NoAdapter { reason: error.to_string() })
}

/// The adapters there are: real ones first, software last.
#[cfg(not(target_arch = "wasm32"))]
async fn sorted() -> Vec<wgpu::Adapter> {
    let mut adapters = instance().enumerate_adapters(wgpu::Backends::all()).await;
    adapters.sort_by_key(|adapter| match adapter.get_info().device_type {
        wgpu::DeviceType::DiscreteGpu => 0,
        wgpu::DeviceType::IntegratedGpu => 1,
        wgpu::DeviceType::VirtualGpu => 2,
        wgpu::DeviceType::Other => 3,
        wgpu::DeviceType::Cpu => 4,
    });
    adapters
}

#[cfg(not(target_arch = "wasm32"))]
async fn find(wanted: Option<&str>) -> Result<wgpu::Adapter, OpenError> {
    let adapters = sorted().await;
    let names: Vec<String> = adapters.iter().map(|adapter| adapter.get_info().name).collect();
    let fits = |adapter: &wgpu::Adapter| wanted.is_none_or(|part| adapter.get_info().name.contains(part));
    adapters.into_iter().find(fits).ok_or_else(|| OpenError::NoAdapter {
        reason: match wanted {
            Some(part) if !names.is_empty() => format!("none of {} is named {part}", names.join(", ")),
            _ => "no Vulkan driver was found".to_owned(),
        },
    })
}

impl Gpu {
    /// The adapters there are, best first; none where there is no driver.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn adapters() -> Vec<Adapter> {
        block_on(sorted()).iter().map(Adapter::of).collect()
    }
}

/// Waits for a future by polling it: for commands and tests, never in a browser.
#[cfg(not(target_arch = "wasm32"))]
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    loop {
        if let std::task::Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}
