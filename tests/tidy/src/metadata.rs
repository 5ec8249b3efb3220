//! What cargo knows: packages and who depends on whom, for each platform that is built.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

use crate::tree::root;

/// The platforms that are built: one native, and the browser.
pub(crate) const PLATFORMS: [&str; 2] = ["x86_64-unknown-linux-gnu", "wasm32-unknown-unknown"];

/// One package of the graph.
#[derive(Debug, Clone, Default)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) licence: Option<String>,
    /// `None` for a package of the workspace.
    pub(crate) source: Option<String>,
    /// Folder from the root; empty for foreign packages.
    pub(crate) folder: String,
    /// Names of direct dependencies as the manifest lists them, of every kind and platform.
    pub(crate) declared: Vec<Declared>,
    /// `false` only where `publish = false` stands.
    pub(crate) publishable: bool,
}

/// One line of a manifest's dependencies.
#[derive(Debug, Clone, Default)]
pub(crate) struct Declared {
    pub(crate) name: String,
    /// Whether only tests need it.
    pub(crate) dev: bool,
}

/// The graph of one platform. Features are those of the whole workspace together, so an edge that only another
/// member switches on is seen too: the check is the stricter for it.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    pub(crate) packages: BTreeMap<String, Package>,
    /// Normal and build dependencies by package id.
    pub(crate) edges: BTreeMap<String, Vec<String>>,
}

impl Graph {
    /// Packages of the workspace.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&String, &Package)> {
        self.packages.iter().filter(|(_, package)| package.source.is_none())
    }

    /// Names of everything that `id` reaches, each with the path of names that reaches it.
    pub(crate) fn closure(&self, id: &str) -> BTreeMap<String, Vec<String>> {
        let mut reached = BTreeMap::new();
        let mut seen = BTreeSet::from([id.to_owned()]);
        let mut open = vec![(id.to_owned(), Vec::new())];
        while let Some((at, path)) = open.pop() {
            for next in self.edges.get(&at).into_iter().flatten() {
                if seen.insert(next.clone()) {
                    let name = self.packages[next].name.clone();
                    let mut longer: Vec<String> = path.clone();
                    longer.push(name.clone());
                    reached.entry(name).or_insert_with(|| longer.clone());
                    open.push((next.clone(), longer));
                }
            }
        }
        reached
    }
}

/// The graphs of all platforms, read once.
pub(crate) fn graphs() -> &'static [(&'static str, Graph)] {
    static GRAPHS: OnceLock<Vec<(&'static str, Graph)>> = OnceLock::new();
    GRAPHS.get_or_init(|| PLATFORMS.iter().map(|platform| (*platform, read(platform))).collect())
}

fn read(platform: &str) -> Graph {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--filter-platform", platform])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "`cargo metadata` failed:\n{}", String::from_utf8_lossy(&output.stderr));
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut graph = Graph::default();
    for node in value["resolve"]["nodes"].as_array().unwrap() {
        let needed =
            node["deps"].as_array().unwrap().iter().filter(|dep| {
                dep["dep_kinds"].as_array().unwrap().iter().any(|kind| kind["kind"].as_str() != Some("dev"))
            });
        graph.edges.insert(text(&node["id"]), needed.map(|dep| text(&dep["pkg"])).collect());
    }
    for package in value["packages"].as_array().unwrap() {
        if graph.edges.contains_key(&text(&package["id"])) {
            graph.packages.insert(text(&package["id"]), read_package(package));
        }
    }
    graph
}

fn read_package(package: &Value) -> Package {
    let manifest = text(&package["manifest_path"]);
    let folder = manifest.strip_prefix(root().to_str().unwrap()).unwrap_or_default();
    let folder = folder.trim_start_matches('/').trim_end_matches("/Cargo.toml").to_owned();
    Package {
        name: text(&package["name"]),
        version: text(&package["version"]),
        licence: package["license"].as_str().map(str::to_owned),
        source: package["source"].as_str().map(str::to_owned),
        folder,
        publishable: package["publish"].as_array().is_none_or(|registries| !registries.is_empty()),
        declared: package["dependencies"]
            .as_array()
            .unwrap()
            .iter()
            .map(|dep| Declared { name: text(&dep["name"]), dev: dep["kind"].as_str() == Some("dev") })
            .collect(),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
