//! One file or folder for each page that comes with the first load, and the room for those that come later.

mod code;
mod missing;
mod room;

pub(crate) use code::Code;
pub(crate) use missing::Missing;
pub(crate) use room::Room;
