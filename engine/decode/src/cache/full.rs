use frugal_model::decoder::Decoder;
use frugal_nn::attention::KeyValueCache;
use frugal_tensor::{Backend, BackendError, BufferId, DType, Memory, Tensor};

/// Every position of every slot, allocated once.
#[derive(Debug)]
pub struct FullCache {
    layers: Vec<KeyValueCache>,
    buffers: Vec<BufferId>,
    context: usize,
    bytes: usize,
}

impl FullCache {
    /// `slots` sequences of at most `context` positions; `dtype` is f32 or f16.
    ///
    /// # Errors
    /// [`BackendError`]; nothing stays allocated then.
    pub fn new(
        decoder: &Decoder,
        slots: usize,
        context: usize,
        dtype: DType,
        backend: &mut dyn Backend,
    ) -> Result<Self, BackendError> {
        let mut cache = Self { layers: Vec::new(), buffers: Vec::new(), context, bytes: 0 };
        match cache.allocate(decoder, slots, dtype, backend) {
            Ok(()) => Ok(cache),
            Err(error) => {
                // The first error is the one to tell.
                cache.buffers.into_iter().for_each(|buffer| drop(backend.free(buffer)));
                Err(error)
            }
        }
    }

    fn allocate(
        &mut self,
        decoder: &Decoder,
        slots: usize,
        dtype: DType,
        backend: &mut dyn Backend,
    ) -> Result<(), BackendError> {
        let cols = decoder.cache_cols();
        let rows = slots.checked_mul(self.context);
        let bytes = rows.and_then(|rows| dtype.bytes(rows, cols));
        let (Some(rows), Some(bytes)) = (rows, bytes) else {
            return Err(BackendError::OutOfMemory { needed_bytes: usize::MAX });
        };
        for _ in 0..decoder.config().layers {
            let mut part = || {
                let buffer = backend.allocate(bytes, Memory::Cache)?;
                self.buffers.push(buffer);
                self.bytes += bytes;
                Ok::<_, BackendError>(Tensor::dense(buffer, rows, cols, dtype))
            };
            self.layers.push(KeyValueCache { keys: part()?, values: part()?, context: self.context });
        }
        Ok(())
    }

    /// One per layer.
    pub fn layers(&self) -> &[KeyValueCache] {
        &self.layers
    }

    /// Positions per slot.
    pub fn context(&self) -> usize {
        self.context
    }

    /// Bytes of all layers: `2 · layers · slots · context · kv_heads · head_dim` elements.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Gives the memory back.
    ///
    /// # Errors
    /// [`BackendError::Unknown`].
    pub fn free(self, backend: &mut dyn Backend) -> Result<(), BackendError> {
        self.buffers.into_iter().try_for_each(|buffer| backend.free(buffer))
    }
}
