//! Vulkan drivers for the tests of GPU kernels: what the system has, and the software driver that Chromium brings.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::browser;
use crate::run::{Failure, capture};

/// What to do where no driver is found.
const HINT: &str =
    "run `cargo xtask setup --tests`, whose Chromium brings one, or install mesa-vulkan-drivers and libvulkan1";

/// Folders in which systems keep Chromium's libraries.
const CHROMIUM: [&str; 4] = ["/usr/lib/chromium", "/usr/lib/chromium-browser", "/opt/google/chrome", "/opt/chromium"];
/// Folders in which systems list Vulkan drivers.
const DRIVERS: [&str; 3] = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d", "/usr/local/share/vulkan/icd.d"];
const SWIFTSHADER: &str = "vk_swiftshader_icd.json";
const LOADER: &str = "libvulkan.so.1";

/// Lets a command find Vulkan: the variables that the person set, else the system's drivers with Chromium's beside them.
pub(crate) fn lend(command: &mut Command) -> Result<(), Failure> {
    let chosen = |name: &str| std::env::var_os(name).is_some();
    if chosen("VK_DRIVER_FILES") || chosen("VK_ICD_FILENAMES") {
        return Ok(());
    }
    let in_chromium = || CHROMIUM.map(PathBuf::from).into_iter().find(|folder| folder.join(SWIFTSHADER).is_file());
    let listed = |folder: &&str| Path::new(folder).read_dir().is_ok_and(|mut entries| entries.next().is_some());
    let mut chromium = in_chromium();
    if chromium.is_none() && !DRIVERS.iter().any(listed) {
        // The browser specs need it later in any case.
        browser::ensure_chromium()?;
        chromium = in_chromium();
        if chromium.is_none() {
            return Err(Failure::new("no Vulkan driver is installed", HINT));
        }
    }
    let loader = capture(Command::new("ldconfig").arg("-p")).is_some_and(|libraries| libraries.contains(LOADER));
    let Some(chromium) = chromium else {
        return if loader { Ok(()) } else { Err(Failure::new(format!("{LOADER} is not installed"), HINT)) };
    };
    if !loader {
        let before = std::env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
        let folders = std::iter::once(chromium.clone()).chain(std::env::split_paths(&before));
        let joined = std::env::join_paths(folders).map_err(|error| Failure::new(error.to_string(), HINT))?;
        command.env("LD_LIBRARY_PATH", joined);
    }
    command.env("VK_ADD_DRIVER_FILES", chromium.join(SWIFTSHADER));
    Ok(())
}
