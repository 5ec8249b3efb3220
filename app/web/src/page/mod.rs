//! One file or folder for each page.

mod bench;
mod code;
mod missing;
mod model_room;

pub(crate) use bench::Bench;
pub(crate) use code::Code;
pub(crate) use missing::Missing;
pub(crate) use model_room::ModelRoom;
