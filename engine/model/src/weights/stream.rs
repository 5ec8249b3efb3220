use super::{Entry, Format, HEADER_BYTES_MAX, Listing, WeightsError, gguf, safetensors};

/// Bytes after which a GGUF header, whose length nobody states, is read for the first time.
const FIRST_TRY_BYTES: u64 = 64 << 10;

/// Whole blocks of one tensor, as they came.
#[derive(Debug)]
pub struct Piece<'a> {
    /// The tensor.
    pub entry: &'a Entry,
    /// Where the bytes lie within the tensor.
    pub start: u64,
    /// Whole blocks of its encoding.
    pub bytes: &'a [u8],
}

/// Takes the pieces of a file, and may refuse them.
type Deliver<'a, E> = &'a mut dyn FnMut(&Listing, Piece<'_>) -> Result<(), E>;

/// Reads one file whose bytes are pushed in order, in chunks of any size.
///
/// It holds the header while that is incomplete, up to twice its length, and then at most one unfinished block of 33
/// bytes: all other memory is the receiver's.
#[derive(Debug)]
pub struct Stream {
    file: String,
    file_bytes: u64,
    position: u64,
    state: State,
}

#[derive(Debug)]
enum State {
    Header { buffer: Vec<u8>, next_try: u64 },
    Data { listing: Listing, tensor: usize, partial: Vec<u8> },
}

impl Stream {
    /// `file`: name for messages; `file_bytes`: its length, which an edge knows from the folder or from the response.
    pub fn new(file: &str, file_bytes: u64) -> Self {
        let state = State::Header { buffer: Vec::new(), next_try: 8 };
        Self { file: file.into(), file_bytes, position: 0, state }
    }

    /// The listing, once the header has come.
    pub fn listing(&self) -> Option<&Listing> {
        match &self.state {
            State::Header { .. } => None,
            State::Data { listing, .. } => Some(listing),
        }
    }

    /// Takes the next bytes of the file and hands whole blocks to `deliver`, which may refuse them.
    ///
    /// # Errors
    /// Those of the header, at the push that completes it; [`WeightsError::Overlong`]; whatever `deliver` returns.
    /// After an error the stream is of no further use.
    pub fn push(
        &mut self,
        bytes: &[u8],
        deliver: &mut dyn FnMut(&Listing, Piece<'_>) -> Result<(), WeightsError>,
    ) -> Result<(), WeightsError> {
        self.push_to(bytes, deliver)
    }

    /// As [`push`](Self::push), to a receiver with errors of its own.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub fn push_to<E: From<WeightsError>>(&mut self, bytes: &[u8], deliver: Deliver<'_, E>) -> Result<(), E> {
        let received = match &self.state {
            State::Header { buffer, .. } => buffer.len() as u64,
            State::Data { .. } => self.position,
        };
        if bytes.len() as u64 > self.file_bytes - received {
            return Err(WeightsError::Overlong { file: self.file.clone(), file_bytes: self.file_bytes }.into());
        }
        let rest = self.header(bytes, deliver)?;
        self.data(rest, deliver)
    }

    /// Takes what belongs to the header and returns the rest; only what a header may need is ever copied.
    fn header<'b, E: From<WeightsError>>(
        &mut self,
        mut bytes: &'b [u8],
        deliver: Deliver<'_, E>,
    ) -> Result<&'b [u8], E> {
        while let State::Header { buffer, next_try } = &mut self.state {
            let goal = usize::try_from((*next_try).min(self.file_bytes)).unwrap_or(usize::MAX);
            let (own, rest) = bytes.split_at(goal.saturating_sub(buffer.len()).min(bytes.len()));
            buffer.extend_from_slice(own);
            bytes = rest;
            if buffer.len() < goal {
                return Ok(bytes);
            }
            let held = std::mem::take(buffer);
            match header(&self.file, &held, self.file_bytes)? {
                Header::Needs(bytes) => self.state = State::Header { buffer: held, next_try: bytes },
                Header::Ready(listing) => {
                    // The padding before the data may not have come yet.
                    let start = usize::try_from(listing.data_start).unwrap_or(held.len()).min(held.len());
                    self.position = start as u64;
                    self.state = State::Data { listing: *listing, tensor: 0, partial: Vec::new() };
                    self.data(&held[start..], deliver)?;
                }
            }
        }
        Ok(bytes)
    }

    fn data<E: From<WeightsError>>(&mut self, mut bytes: &[u8], deliver: Deliver<'_, E>) -> Result<(), E> {
        let State::Data { listing, tensor, partial } = &mut self.state else { return Ok(()) };
        while let (Some(entry), false) = (listing.entries.get(*tensor), bytes.is_empty()) {
            let padding = entry.bytes.start.saturating_sub(self.position);
            let skipped = usize::try_from(padding).unwrap_or(usize::MAX).min(bytes.len());
            bytes = &bytes[skipped..];
            self.position += skipped as u64;
            let left = usize::try_from(entry.bytes.end - self.position).unwrap_or(usize::MAX);
            let (mut own, rest) = bytes.split_at(left.min(bytes.len()));
            bytes = rest;
            let block = entry.encoding.block_bytes();
            if !partial.is_empty() {
                let (head, tail) = own.split_at((block - partial.len()).min(own.len()));
                partial.extend_from_slice(head);
                own = tail;
                self.position += head.len() as u64;
                if partial.len() == block {
                    let start = self.position - block as u64 - entry.bytes.start;
                    deliver(listing, Piece { entry, start, bytes: partial })?;
                    partial.clear();
                }
            }
            let (whole, tail) = own.split_at(own.len() - own.len() % block);
            if !whole.is_empty() {
                deliver(listing, Piece { entry, start: self.position - entry.bytes.start, bytes: whole })?;
            }
            partial.extend_from_slice(tail);
            self.position += own.len() as u64;
            if self.position == entry.bytes.end {
                *tensor += 1;
            }
        }
        self.position += bytes.len() as u64;
        Ok(())
    }

    /// Ends the file.
    ///
    /// # Errors
    /// [`WeightsError::Truncated`] where bytes are missing.
    pub fn finish(self) -> Result<Listing, WeightsError> {
        let truncated = |part: String, have_bytes: u64, needed_bytes: u64| {
            Err(WeightsError::Truncated { file: self.file.clone(), part, have_bytes, needed_bytes })
        };
        match self.state {
            State::Header { buffer, next_try } => truncated("its header".into(), buffer.len() as u64, next_try),
            State::Data { listing, tensor, .. } => match listing.entries.get(tensor) {
                Some(entry) => {
                    let part = format!("tensor `{}`", crate::shown::shown(&entry.name));
                    truncated(part, self.position, entry.bytes.end)
                }
                None if self.position < self.file_bytes => {
                    truncated("its padding".into(), self.position, self.file_bytes)
                }
                None => Ok(listing),
            },
        }
    }
}

enum Header {
    /// Try again when the file's first bytes up to here have come.
    Needs(u64),
    Ready(Box<Listing>),
}

fn header(file: &str, first: &[u8], file_bytes: u64) -> Result<Header, WeightsError> {
    let have = first.len() as u64;
    if have < 8 {
        let part = "its header".to_owned();
        return Err(WeightsError::Truncated { file: file.into(), part, have_bytes: have, needed_bytes: 8 });
    }
    match Format::of(first) {
        Format::Safetensors => {
            let end = safetensors::header_end(file, first, file_bytes)?.unwrap_or(8);
            match usize::try_from(end).ok().and_then(|end| first.get(..end)) {
                Some(header) => Ok(Header::Ready(Box::new(safetensors::listing(file, header, file_bytes)?))),
                None => Ok(Header::Needs(end)),
            }
        }
        Format::Gguf => match gguf::listing(file, first, file_bytes)? {
            Some(listing) => Ok(Header::Ready(Box::new(listing))),
            None if have > HEADER_BYTES_MAX => {
                Err(WeightsError::HeaderTooLarge { file: file.into(), header_bytes: have })
            }
            None if have == file_bytes => {
                let part = "its header".to_owned();
                Err(WeightsError::Truncated { file: file.into(), part, have_bytes: have, needed_bytes: have + 1 })
            }
            // Twice as much each time, so that a header is read a handful of times however it is cut.
            None => Ok(Header::Needs((have * 2).max(FIRST_TRY_BYTES).min(file_bytes))),
        },
    }
}
