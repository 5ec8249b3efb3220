//! Rules for what we depend on: licences, duplicates, sources, and a reason for each direct dependency.

use std::collections::{BTreeMap, BTreeSet};

use crate::licence::is_met;
use crate::metadata::{Package, graphs};
use crate::tree::{files, root};
use crate::{assert_none, documents};

/// The one source of foreign crates; spelled in two parts because this file may not name a registry either.
const SOURCE: &str = concat!("registry+https://github.com/rust-lang/", "crates", ".io-index");

fn policy() -> toml::Table {
    std::fs::read_to_string(root().join("deny.toml")).unwrap().parse().unwrap()
}

fn allowed_licences() -> Vec<String> {
    let policy = policy();
    let list = policy["licenses"]["allow"].as_array().unwrap();
    list.iter().map(|entry| entry.as_str().unwrap().to_owned()).collect()
}

/// Foreign packages of all platforms.
fn foreign() -> Vec<Package> {
    let mut all: BTreeMap<(String, String), Package> = BTreeMap::new();
    for package in graphs().iter().flat_map(|(_, graph)| graph.packages.values()) {
        if package.source.is_some() {
            all.insert((package.name.clone(), package.version.clone()), package.clone());
        }
    }
    all.into_values().collect()
}

#[test]
fn every_licence_is_allowed() {
    let allowed = allowed_licences();
    let findings: Vec<String> = foreign()
        .iter()
        .filter(|package| !package.licence.as_deref().is_some_and(|licence| is_met(licence, &allowed)))
        .map(|package| format!("{} {}: {:?}", package.name, package.version, package.licence))
        .collect();
    assert_none(&findings, "licences that deny.toml does not allow");
}

#[test]
fn every_source_is_the_default_registry() {
    let findings: Vec<String> = foreign()
        .iter()
        .filter(|package| package.source.as_deref() != Some(SOURCE))
        .map(|package| format!("{} {}: {:?}", package.name, package.version, package.source))
        .collect();
    assert_none(&findings, "crates from elsewhere than the default registry");
    let mut findings = Vec::new();
    for file in files().iter().filter(|file| file.path.ends_with("Cargo.lock")) {
        let lock: toml::Table = file.text().unwrap().parse().unwrap();
        let packages = lock["package"].as_array().unwrap().iter();
        let sources = packages.filter_map(|package| package.get("source").and_then(toml::Value::as_str));
        findings.extend(sources.filter(|source| *source != SOURCE).map(|source| format!("{}: {source}", file.path)));
    }
    assert_none(&findings, "lockfiles that name another source");
}

/// `name@version` entries of deny.toml: versions that may stand beside a newer one, each with its reason.
fn recorded_duplicates() -> Vec<(String, String)> {
    let policy = policy();
    let list = policy["bans"]["skip"].as_array().unwrap();
    list.iter()
        .map(|entry| {
            assert!(entry["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{entry:?} has no reason");
            let (name, version) = entry["crate"].as_str().unwrap().split_once('@').unwrap();
            (name.to_owned(), version.to_owned())
        })
        .collect()
}

/// Versions beyond one of a name that nothing records, and records that nothing needs.
fn duplicate_findings(packages: &[(String, String)], recorded: &[(String, String)]) -> Vec<String> {
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, version) in packages {
        versions.entry(name).or_default().insert(version);
    }
    let covers = |entry: &(String, String), name: &str, version: &str| {
        entry.0 == name && (version == entry.1 || version.starts_with(&format!("{}.", entry.1)))
    };
    let mut findings = Vec::new();
    for (name, versions) in &versions {
        let open: Vec<&str> =
            versions.iter().copied().filter(|version| !recorded.iter().any(|e| covers(e, name, version))).collect();
        if versions.len() > 1 && open.len() > 1 {
            findings.push(format!("{name} comes in the versions {}: record all but one in deny.toml", open.join(", ")));
        }
    }
    for entry in recorded {
        let needed = versions
            .get(entry.0.as_str())
            .is_some_and(|all| all.len() > 1 && all.iter().any(|version| covers(entry, &entry.0, version)));
        if !needed {
            findings.push(format!("deny.toml records {}@{}, which is no duplicate", entry.0, entry.1));
        }
    }
    findings
}

#[test]
fn duplicates_are_recorded_with_a_reason() {
    let packages: Vec<_> = foreign().into_iter().map(|package| (package.name, package.version)).collect();
    assert_none(&duplicate_findings(&packages, &recorded_duplicates()), "crates in more than one version");
}

#[test]
fn an_unrecorded_duplicate_is_found() {
    let pair = |name: &str, version: &str| (name.to_owned(), version.to_owned());
    let packages = [pair("a", "1.0.0"), pair("a", "2.1.0"), pair("b", "0.3.1")];
    assert_eq!(duplicate_findings(&packages, &[pair("a", "1")]), Vec::<String>::new());
    assert_eq!(duplicate_findings(&packages, &[]).len(), 1);
    assert_eq!(duplicate_findings(&packages, &[pair("a", "1"), pair("b", "0.3")]).len(), 1);
}

/// Foreign crates that members name, with who names them: `host, instrument (tests)`.
fn direct_crates() -> BTreeMap<String, String> {
    let members: Vec<&Package> = graphs()[0].1.members().map(|(_, package)| package).collect();
    let is_ours = |name: &str| members.iter().any(|member| member.name == name);
    let mut users: BTreeMap<String, BTreeMap<String, bool>> = BTreeMap::new();
    for member in &members {
        let user = member.name.strip_prefix("frugal-").unwrap_or(&member.name);
        for declared in member.declared.iter().filter(|declared| !is_ours(&declared.name)) {
            let only_tests = users.entry(declared.name.clone()).or_default().entry(user.to_owned()).or_insert(true);
            *only_tests &= declared.dev;
        }
    }
    let shown =
        |(user, only_tests): (&String, &bool)| if *only_tests { format!("{user} (tests)") } else { user.clone() };
    users.iter().map(|(name, users)| (name.clone(), users.iter().map(shown).collect::<Vec<_>>().join(", "))).collect()
}

#[test]
fn every_direct_crate_has_its_reason() {
    let table = documents::two_columns("CONTRIBUTING.md", "## Direct dependencies");
    compare(&direct_crates(), &table, "the table `Direct dependencies` of CONTRIBUTING.md");
}

#[test]
fn every_direct_npm_package_has_its_reason() {
    let mut declared: BTreeMap<String, String> = BTreeMap::new();
    for file in files().iter().filter(|file| file.path.ends_with("package.json")) {
        let folder = file.path.trim_end_matches("/package.json");
        let manifest: serde_json::Value = serde_json::from_str(&file.text().unwrap()).unwrap();
        for kind in ["dependencies", "devDependencies"] {
            for name in manifest[kind].as_object().into_iter().flat_map(serde_json::Map::keys) {
                let users = declared.entry(name.clone()).or_default();
                *users = if users.is_empty() { folder.to_owned() } else { format!("{users}, {folder}") };
            }
        }
    }
    let table = documents::two_columns("CONTRIBUTING.md", "## npm packages");
    compare(&declared, &table, "the table `npm packages` of CONTRIBUTING.md");
}

#[test]
fn npm_lockfiles_name_no_address() {
    let all = files();
    let mut findings = Vec::new();
    for file in all.iter().filter(|file| file.path.ends_with("package-lock.json")) {
        let settings = file.path.replace("package-lock.json", ".npmrc");
        let omits = all.iter().find(|file| file.path == settings).and_then(crate::tree::File::text);
        if !omits.is_some_and(|text| text.lines().any(|line| line == "omit-lockfile-registry-resolved=true")) {
            findings.push(format!("{settings}: `omit-lockfile-registry-resolved=true` is missing"));
        }
        if file.text().unwrap_or_default().contains("\"resolved\": \"http") {
            findings.push(format!("{}: holds addresses", file.path));
        }
    }
    assert_none(&findings, "npm lockfiles that are bound to one registry");
}

/// What is declared and by whom, against what the table says.
#[track_caller]
fn compare(declared: &BTreeMap<String, String>, table: &BTreeMap<String, String>, place: &str) {
    assert_none(&differences(declared, table), place);
}

fn differences(declared: &BTreeMap<String, String>, table: &BTreeMap<String, String>) -> Vec<String> {
    let mut findings = Vec::new();
    for (name, users) in declared {
        match table.get(name) {
            None => findings.push(format!("{name} has no line; it is used by {users}")),
            Some(said) if said != users => findings.push(format!("{name} is used by {users}, not by {said}")),
            Some(_) => {}
        }
    }
    findings.extend(table.keys().filter(|name| !declared.contains_key(*name)).map(|name| format!("{name} is unused")));
    findings
}

#[test]
fn a_table_that_is_wrong_is_found() {
    let table = |lines: &[(&str, &str)]| lines.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    let declared = table(&[("a", "x"), ("b", "x, y (tests)")]);
    assert_eq!(differences(&declared, &declared), Vec::<String>::new());
    assert_eq!(differences(&declared, &table(&[("a", "x"), ("b", "x"), ("c", "x")])).len(), 2);
    assert_eq!(differences(&declared, &table(&[("a", "x")])), ["b has no line; it is used by x, y (tests)"]);
}
