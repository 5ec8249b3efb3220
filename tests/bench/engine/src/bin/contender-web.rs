//! What the race's worker in a browser calls.

#[cfg(target_arch = "wasm32")]
#[allow(unreachable_pub)] // what JavaScript imports must be `pub`, though no Rust crate sees it
mod entry {
    use js_sys::Function;
    use wasm_bindgen::prelude::wasm_bindgen;
    use wasm_bindgen::{JsError, JsValue};

    use frugal_gpu::{Gpu, Options};
    use frugal_tensor::{Backend, Cpu};

    use frugal_engine_bench::contender::Contender;
    use frugal_engine_bench::stream;

    /// A clock of JavaScript's, in milliseconds.
    fn clock(now: &Function) -> impl FnMut() -> f64 + '_ {
        // A clock that fails gives no number, and no ratio of it is one.
        || now.call0(&JsValue::UNDEFINED).ok().and_then(|ms| ms.as_f64()).unwrap_or(f64::NAN)
    }

    /// A model in the tab.
    #[wasm_bindgen]
    pub struct Engine {
        contender: Contender,
        now: Function,
    }

    #[wasm_bindgen]
    impl Engine {
        /// Loads a model, on WebGPU or on the processor.
        pub async fn load(
            config: Vec<u8>,
            weights: Vec<u8>,
            storage: String,
            chunk: usize,
            gpu: bool,
            now: Function,
        ) -> Result<Engine, JsError> {
            let backend: Box<dyn Backend> =
                if gpu { Box::new(Gpu::open(Options::default()).await?) } else { Box::new(Cpu::fast()) };
            Ok(Self { contender: Contender::load(&config, &weights, &storage, chunk, backend)?, now })
        }

        /// What computes.
        pub fn describe(&self) -> String {
            self.contender.describe()
        }

        /// One round, as JSON.
        pub async fn round(&mut self, prompt: usize, tokens: usize) -> Result<String, JsError> {
            let now = self.now.clone();
            Ok(self.contender.round(prompt, tokens, &mut clock(&now)).await?.json())
        }

        /// GB/s of a plain reading loop over as many bytes as a token reads, and those bytes.
        pub fn streaming(&self) -> Vec<f64> {
            let bytes = self.contender.weights_bytes();
            vec![stream::gigabytes_per_second(bytes, &mut clock(&self.now)), bytes as f64]
        }
    }
}

fn main() {}
