#!/usr/bin/env python3
"""Drives a running service with what schemathesis makes of `infra/openapi.yaml`.

    python drive.py demo.json

Exit status 1 if an answer is not as described, or if an operation was never seen to succeed: a run that only meets
refusals proves little.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
DESCRIPTION = HERE.parents[2] / "infra" / "openapi.yaml"

sys.path.insert(0, str(HERE))
from tool import SCOPES, Lms, Tool


def main(demo_file):
    tool, lms = Tool(demo_file), Lms(demo_file)
    counts, failed = {}, False
    for side, token, paths in (
        ("tool", tool.token(SCOPES), ["--exclude-path-regex", "^/platform/"]),
        # Ids that nothing can have are made into some that exist, so what a case was to be refused for is not always in it.
        (
            "lms",
            lms.token(lms.scope),
            ["--include-path-regex", "^/platform/", "--exclude-checks", "negative_data_rejection"],
        ),
    ):
        failed |= run(tool.demo["issuer"], demo_file, side, token, paths, counts)
    never = never_succeeded(counts)
    return 1 if failed or never else 0


def run(url, demo_file, side, token, paths, counts):
    """One run with the paths of a tool or of an LMS; whether it failed."""
    with tempfile.TemporaryDirectory() as directory:
        counts_file = Path(directory) / "counts.json"
        environment = os.environ | {
            "AGS_DEMO": demo_file,
            "AGS_SIDE": side,
            "AGS_TOKEN": token,
            "AGS_COUNTS": str(counts_file),
            "PYTHONPATH": str(HERE),
        }
        program = Path(sys.executable).with_name("schemathesis")
        command = [program, "--config-file", HERE / "schemathesis.toml", "run", DESCRIPTION, *paths]
        command += ["--url", url]
        # It keeps notes where it runs.
        ended = subprocess.run(command, cwd=directory, env=environment, check=False)
        if not counts_file.exists():
            print("schemathesis ended before its first request")
            return True
        counts.update(json.loads(counts_file.read_text(encoding="utf-8")))
    return ended.returncode != 0


def never_succeeded(counts):
    """Prints how often each operation gave each status, and returns the successes that none ever gave."""
    seen = defaultdict(dict)
    for key, count in sorted(counts.items()):
        operation, status = key.split(" ")
        seen[operation][status] = count
    never = []
    for path in yaml.safe_load(DESCRIPTION.read_text(encoding="utf-8"))["paths"].values():
        for operation in (part for part in path.values() if "operationId" in part):
            name = operation["operationId"]
            print(f"{name:16}", "  ".join(f"{status}: {count}" for status, count in seen[name].items()))
            successes = [status for status in operation["responses"] if status.startswith("2")]
            never += [f"{name} {status}" for status in successes if status not in seen[name]]
    print(f"never seen: {', '.join(never)}" if never else "every operation was seen to succeed")
    return never


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
