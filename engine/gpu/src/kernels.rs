//! Kernels: WGSL files with their includes, and the pipelines made of them, once each.

use std::collections::HashMap;

use wgpu::{BindGroupLayout, ComputePipeline, Device};

/// How a kernel uses a binding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Access {
    Read,
    Write,
}

/// A WGSL file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
}

/// A WGSL file with what fills its includes and its overridable constants.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Kernel {
    pub(crate) source: &'static Source,
    /// Snippets for includes that name a role instead of a snippet.
    pub(crate) parts: Vec<(&'static str, &'static str)>,
    pub(crate) constants: Vec<(&'static str, f64)>,
}

macro_rules! snippets {
    ($($name:literal)*) => {
        const SNIPPETS: &[(&str, &str)] = &[$(($name, include_str!(concat!("snippets/", $name, ".wgsl")))),*];
    };
}
snippets! {
    "activation" "bias" "bias_none" "fault" "feed_normed" "feed_plain" "finish_activated" "finish_gated"
    "finish_plain" "finite" "half_bits" "key_f16_aligned" "key_f16_loose" "key_f32_aligned" "key_f32_loose"
    "keys_store_f16" "keys_store_f32" "lanes_one" "lanes_shared" "linear_params" "mine_one" "mine_shared"
    "optimiser" "order" "place" "quant" "rule_adam_w" "rule_lion" "rule_rms_prop" "rule_sgd" "sequences" "sequences_back" "shift"
    "shift_none" "stats_layer" "stats_layer_shared" "stats_rms" "stats_rms_shared" "store_f16" "store_f32"
    "value_f16_aligned" "value_f16_loose" "value_f32_aligned" "value_f32_loose" "values_store_f16"
    "values_store_f32" "weight_bf16_aligned" "weight_bf16_loose" "weight_f16_aligned" "weight_f16_loose"
    "weight_f32_aligned" "weight_f32_loose" "weight_q4" "weight_q8" "x_aligned" "x_loose" "zeros_fixed_q4"
    "zeros_fixed_q8" "zeros_q4" "zeros_q8"
}

const INCLUDE: &str = "//#include ";

impl Kernel {
    pub(crate) fn new(source: &'static Source) -> Self {
        Self { source, parts: Vec::new(), constants: Vec::new() }
    }

    /// Fills an include; an empty snippet leaves it out.
    pub(crate) fn part(mut self, role: &'static str, snippet: &'static str) -> Self {
        self.parts.push((role, snippet));
        self
    }

    pub(crate) fn constant(mut self, name: &'static str, value: f64) -> Self {
        self.constants.push((name, value));
        self
    }

    /// The file with its snippets in place; snippets include nothing themselves.
    pub(crate) fn wgsl(&self) -> String {
        let mut text = String::new();
        for line in self.source.text.lines() {
            let Some(wanted) = line.strip_prefix(INCLUDE) else {
                text.push_str(line);
                text.push('\n');
                continue;
            };
            let name = self.parts.iter().find(|(role, _)| *role == wanted).map_or(wanted, |(_, snippet)| snippet);
            let snippet = SNIPPETS.iter().find(|(snippet, _)| *snippet == name);
            // A snippet that does not exist leaves a file that does not compile: the tests go through all kernels.
            text.push_str(snippet.map_or("", |(_, text)| text));
        }
        text
    }

    /// The file, and what fills each of its roles.
    pub(crate) fn pieces(&self) -> Vec<(&'static str, &'static str)> {
        let file = (self.source.name, "");
        std::iter::once(file).chain(self.parts.iter().map(|(_, snippet)| (self.source.name, *snippet))).collect()
    }

    fn key(&self) -> String {
        format!("{} {:?} {:?}", self.source.name, self.parts, self.constants)
    }
}

/// A change of every file before it is compiled, by name and text: how tests make a device that computes wrongly.
pub(crate) type Patch = fn(&str, String) -> String;

/// A compiled kernel.
#[derive(Debug, Clone)]
pub(crate) struct Compiled {
    pub(crate) pipeline: ComputePipeline,
    pub(crate) layout: BindGroupLayout,
}

#[derive(Default)]
pub(crate) struct Pipelines {
    compiled: HashMap<String, Compiled>,
    patch: Option<Patch>,
}

impl Pipelines {
    pub(crate) fn patched(patch: Option<Patch>) -> Self {
        Self { patch, ..Self::default() }
    }

    /// `bindings`: storage bindings by number, which the kernel's parts decide; 0 and 1 are the uniforms of every kernel.
    pub(crate) fn get(&mut self, device: &Device, kernel: &Kernel, bindings: &[(u32, Access)]) -> Compiled {
        let key = kernel.key();
        if let Some(compiled) = self.compiled.get(&key) {
            return compiled.clone();
        }
        let mut text = kernel.wgsl();
        if let Some(patch) = self.patch {
            text = patch(kernel.source.name, text);
        }
        let compiled = compile(device, kernel, bindings, text);
        self.compiled.insert(key, compiled.clone());
        compiled
    }
}

fn compile(device: &Device, kernel: &Kernel, bindings: &[(u32, Access)], text: String) -> Compiled {
    let label = Some(kernel.source.name);
    let buffer = |binding: u32, ty: wgpu::BufferBindingType| wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::COMPUTE,
        ty: wgpu::BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None },
        count: None,
    };
    let storage = |(binding, access): &(u32, Access)| {
        buffer(*binding, wgpu::BufferBindingType::Storage { read_only: *access == Access::Read })
    };
    let uniforms = [0, 1].map(|binding| buffer(binding, wgpu::BufferBindingType::Uniform));
    let entries: Vec<_> = uniforms.into_iter().chain(bindings.iter().map(storage)).collect();
    let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label, entries: &entries });
    let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label,
        bind_group_layouts: &[Some(&layout)],
        immediate_size: 0,
    });
    let source = wgpu::ShaderSource::Wgsl(text.into());
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor { label, source });
    let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label,
        layout: Some(&pipeline_layout),
        module: &module,
        entry_point: Some("main"),
        compilation_options: wgpu::PipelineCompilationOptions { constants: &kernel.constants, ..Default::default() },
        cache: None,
    });
    Compiled { pipeline, layout }
}
