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
from tool import Tool


def main(demo_file):
    tool = Tool(demo_file)
    with tempfile.TemporaryDirectory() as directory:
        counts_file = Path(directory) / "counts.json"
        environment = os.environ | {
            "AGS_DEMO": demo_file,
            "AGS_TOKEN": tool.token(),
            "AGS_COUNTS": str(counts_file),
            "PYTHONPATH": str(HERE),
        }
        program = Path(sys.executable).with_name("schemathesis")
        command = [program, "--config-file", HERE / "schemathesis.toml", "run", DESCRIPTION]
        command += ["--url", tool.demo["issuer"]]
        # It keeps notes where it runs.
        ended = subprocess.run(command, cwd=directory, env=environment, check=False)
        if not counts_file.exists():
            print("schemathesis ended before its first request")
            return 1
        counts = json.loads(counts_file.read_text(encoding="utf-8"))
    never = never_succeeded(counts)
    return 1 if ended.returncode or never else 0


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
