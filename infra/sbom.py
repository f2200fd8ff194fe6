#!/usr/bin/env python3
"""Writes a bill of materials for each function: CycloneDX 1.5, as JSON.

It lists the crates that are linked into the function's binary, with version, licence and the checksum of Cargo.lock.
Features are resolved for the whole workspace, as it is built: where a function alone would need less, the bill lists
more, never less. What runs in the compiler only, and what only tests need, is not in it. The same sources give the same
bytes.
"""

import argparse
import dataclasses
import hashlib
import json
import pathlib
import subprocess
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent


@dataclasses.dataclass(frozen=True, order=True)
class Crate:
    """One of the crates of the build."""

    name: str
    version: str
    licence: str

    @property
    def purl(self):
        return f"pkg:cargo/{self.name}@{self.version}"


def tree(target):
    """The crates of the workspace when it is built for `target`, each with those that it links itself."""
    command = ["cargo", "tree", "--locked", "--workspace", "--target", target]
    command += ["--edges", "normal,no-proc-macro", "--prefix", "depth", "--format", "\t{p}\t{l}"]
    text = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    links, path = {}, []
    for line in filter(None, text.splitlines()):
        # A crate that was shown before comes again with a mark, and without what it links.
        depth, package, licence = line.removesuffix(" (*)").split("\t")
        name, version = package.split()[:2]
        # Before SPDX expressions there was a slash.
        crate = Crate(name, version.removeprefix("v"), licence.replace("/", " OR "))
        del path[int(depth):]
        if path:
            links[path[-1]].add(crate)
        links.setdefault(crate, set())
        path.append(crate)
    return links


def checksums():
    """SHA-256 of each crate's archive, by name and version; the workspace's own crates have none."""
    packages = tomllib.loads((ROOT / "Cargo.lock").read_text())["package"]
    return {(package["name"], package["version"]): package.get("checksum") for package in packages}


def linked(links, root):
    """Everything that `root` links, directly or not, and itself."""
    found, waiting = set(), [root]
    while waiting:
        crate = waiting.pop()
        if crate not in found:
            found.add(crate)
            waiting += links[crate]
    return found


def component(crate, checksum):
    entry = {
        "type": "library",
        "bom-ref": crate.purl,
        "name": crate.name,
        "version": crate.version,
        "purl": crate.purl,
    }
    if crate.licence:
        entry["licenses"] = [{"expression": crate.licence}]
    if checksum:
        entry["hashes"] = [{"alg": "SHA-256", "content": checksum}]
    return entry


def bill(name, root, links, known):
    found = linked(links, root)
    subject = component(root, None) | {"type": "application", "name": name}
    binary = ROOT / "target" / "lambda" / name / "bootstrap"
    if binary.exists():
        subject["hashes"] = [{"alg": "SHA-256", "content": hashlib.sha256(binary.read_bytes()).hexdigest()}]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": subject},
        "components": [component(crate, known[crate.name, crate.version]) for crate in sorted(found - {root})],
        "dependencies": [
            {"ref": crate.purl, "dependsOn": sorted(other.purl for other in links[crate])}
            for crate in sorted(found)
        ],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", default="aarch64-unknown-linux-gnu", help="what the functions are built for")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "target" / "sbom", help="a directory")
    arguments = parser.parse_args()
    links, known = tree(arguments.target), checksums()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for manifest in sorted(ROOT.glob("functions/*/Cargo.toml")):
        crate = tomllib.loads(manifest.read_text())["package"]["name"]
        [root] = [found for found in links if found.name == crate]
        file = arguments.out / f"{manifest.parent.name}.cdx.json"
        file.write_text(json.dumps(bill(manifest.parent.name, root, links, known), indent=2) + "\n")
        print(file)


if __name__ == "__main__":
    main()
