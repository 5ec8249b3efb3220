//! A plan as the device runs it.

use frugal_tensor::{BackendError, BufferId, Plan};

use crate::calls::{ALIGNMENT, Binding, Bound, Call, Extent};
use crate::kernels::{Compiled, Pipelines};
use crate::memory::Arena;

/// Bytes of the uniform that holds a run's scalars: 256 of them.
const RUN_BYTES: u64 = 1024;

pub(crate) struct Prepared {
    dispatches: Vec<Dispatch>,
    /// The scalars of a run, as kernels read them.
    run: wgpu::Buffer,
    /// What `run` holds.
    scalars: Option<Vec<u32>>,
    /// Which scalars the plan names, and the rows of the tensors that name them.
    limits: Vec<(u8, usize)>,
    /// Buffers that the plan names, each with the generation that it had.
    buffers: Vec<(BufferId, u64)>,
}

/// What a plan's calls bind.
struct Bindable<'a> {
    arena: &'a Arena,
    common: &'a Common,
    /// What one call leaves for the next; each pair of calls uses it again.
    scratch: Option<wgpu::Buffer>,
}

struct Dispatch {
    pipeline: wgpu::ComputePipeline,
    bindings: wgpu::BindGroup,
    grid: [Extent; 2],
}

/// Buffers that every call may bind.
pub(crate) struct Common {
    pub(crate) faults: wgpu::Buffer,
    pub(crate) nothing: wgpu::Buffer,
}

impl Prepared {
    pub(crate) fn new(
        plan: &Plan,
        calls: &[Call],
        arena: &Arena,
        common: &Common,
        device: &wgpu::Device,
        pipelines: &mut Pipelines,
    ) -> Result<Self, BackendError> {
        let params: Vec<u8> = calls.iter().flat_map(|call| call.params.bytes()).collect();
        let uniform = |label, size: u64| {
            let usage = wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST;
            device.create_buffer(&wgpu::BufferDescriptor { label: Some(label), size, usage, mapped_at_creation: false })
        };
        let params_buffer = filled(device, &params);
        let run = uniform("run", RUN_BYTES);
        let bindable = Bindable { arena, common, scratch: scratch(device, calls) };
        let mut dispatches = Vec::with_capacity(calls.len());
        let mut at = 0;
        for call in calls {
            let size = call.params.bytes().len() as u64;
            let layout: Vec<_> = call.bindings.iter().map(|(number, access, _)| (*number, *access)).collect();
            let Compiled { pipeline, layout } = pipelines.get(device, &call.kernel, &layout);
            let params = wgpu::BufferBinding { buffer: &params_buffer, offset: at, size: wgpu::BufferSize::new(size) };
            let mut entries = vec![
                wgpu::BindGroupEntry { binding: 0, resource: wgpu::BindingResource::Buffer(params) },
                wgpu::BindGroupEntry { binding: 1, resource: run.as_entire_binding() },
            ];
            for (binding, _, bound) in &call.bindings {
                entries.push(wgpu::BindGroupEntry { binding: *binding, resource: bindable.get(*bound)? });
            }
            let label = Some(call.kernel.source.name);
            let bindings =
                device.create_bind_group(&wgpu::BindGroupDescriptor { label, layout: &layout, entries: &entries });
            dispatches.push(Dispatch { pipeline, bindings, grid: call.grid });
            at += size;
        }
        let mut buffers = Vec::new();
        let mut limits = Vec::new();
        for tensor in plan.tensors() {
            buffers.push((tensor.buffer, arena.get(tensor.buffer)?.generation));
            limits.extend(tensor.live.map(|scalar| (scalar, tensor.rows)));
        }
        buffers.sort_unstable();
        buffers.dedup();
        Ok(Self { dispatches, run, scalars: None, limits, buffers })
    }

    /// Whether the plan can run with these scalars on the buffers there are.
    pub(crate) fn check(&self, scalars: &[u32], arena: &Arena) -> Result<(), BackendError> {
        for (id, generation) in &self.buffers {
            if arena.get(*id)?.generation != *generation {
                return Err(BackendError::Unknown { what: "buffer", id: id.0 });
            }
        }
        for (scalar, rows) in &self.limits {
            let wrong = |detail: String| BackendError::Scalar { scalar: *scalar, detail };
            let live = *scalars.get(usize::from(*scalar)).ok_or_else(|| wrong("is missing".to_owned()))?;
            if live as usize > *rows {
                return Err(wrong(format!("{live} live rows of {rows}")));
            }
        }
        Ok(())
    }

    /// Whether `run` holds other scalars and must be written before the next run.
    pub(crate) fn changes(&self, scalars: &[u32]) -> bool {
        self.scalars.as_deref() != Some(scalars)
    }

    pub(crate) fn write_scalars(&mut self, queue: &wgpu::Queue, scalars: &[u32]) {
        let named = usize::try_from(RUN_BYTES / 4).unwrap_or_default().min(scalars.len());
        queue.write_buffer(&self.run, 0, bytemuck::cast_slice(&scalars[..named]));
        let held = self.scalars.get_or_insert_default();
        held.clear();
        held.extend_from_slice(scalars);
    }

    /// Records one run, and counts its dispatches.
    pub(crate) fn encode(&self, encoder: &mut wgpu::CommandEncoder, scalars: &[u32], most_groups: u32) -> u64 {
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        let mut count = 0;
        for dispatch in &self.dispatches {
            let [x, y] = dispatch.grid.map(|extent| extent.groups(scalars, most_groups));
            if x > 0 && y > 0 {
                pass.set_pipeline(&dispatch.pipeline);
                pass.set_bind_group(0, &dispatch.bindings, &[]);
                pass.dispatch_workgroups(x, y, 1);
                count += 1;
            }
        }
        count
    }
}

impl Bindable<'_> {
    fn get(&self, bound: Bound) -> Result<wgpu::BindingResource<'_>, BackendError> {
        Ok(match bound {
            Bound::Part { buffer, from, bytes } => wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                buffer: &self.arena.get(buffer)?.buffer,
                offset: from as u64,
                size: wgpu::BufferSize::new(bytes as u64),
            }),
            Bound::Faults => self.common.faults.as_entire_binding(),
            Bound::Scratch { .. } => self.scratch.as_ref().unwrap_or(&self.common.nothing).as_entire_binding(),
            Bound::Nothing => self.common.nothing.as_entire_binding(),
        })
    }
}

/// As much as the call that needs most; none where no call does.
fn scratch(device: &wgpu::Device, calls: &[Call]) -> Option<wgpu::Buffer> {
    let bytes = |call: &Call| {
        let of = |(_, _, bound): &Binding| if let Bound::Scratch { bytes } = bound { Some(*bytes) } else { None };
        call.bindings.iter().filter_map(of).max()
    };
    let most = calls.iter().filter_map(bytes).max()?;
    Some(device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("scratch"),
        size: most.next_multiple_of(16).max(16) as u64,
        usage: wgpu::BufferUsages::STORAGE,
        mapped_at_creation: false,
    }))
}

/// A uniform buffer of these bytes.
fn filled(device: &wgpu::Device, bytes: &[u8]) -> wgpu::Buffer {
    let buffer = device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("parameters"),
        size: bytes.len().max(ALIGNMENT) as u64,
        usage: wgpu::BufferUsages::UNIFORM,
        mapped_at_creation: true,
    });
    // A device that is lost maps nothing, and the next command says so.
    if let Ok(mut view) = buffer.get_mapped_range_mut(..) {
        view.slice(..bytes.len()).copy_from_slice(bytes);
    }
    buffer.unmap();
    buffer
}
