"""Write anew what pins each tool that is no part of Pipfile: it and what it needs, each with the hash of its wheel.

For pip's --require-hashes. All of them are wheels of Python alone, so one hash does for every machine.
"""

import json
import subprocess
import sys
from pathlib import Path

TOOLS = {"pipenv.txt": "pipenv==2026.10.3", "sbom.txt": "cyclonedx-python-lib==11.12.0"}
_EVERYWHERE = "-none-any.whl"


def main() -> None:
    """Resolve with pip, which follows the user's own index, and keep names, versions and hashes only."""
    for file, tool in TOOLS.items():
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--dry-run",
            "--ignore-installed",
            "--quiet",
            "--report",
            "-",
        ]
        report = json.loads(subprocess.run([*command, tool], check=True, capture_output=True, text=True).stdout)
        for item in report["install"]:
            if not item["download_info"]["url"].endswith(_EVERYWHERE):
                sys.exit(f"{tool} needs {item['metadata']['name']}, which has other files for other machines.")
        rows = sorted(
            f"{item['metadata']['name'].lower()}=={item['metadata']['version']}"
            f" --hash=sha256:{item['download_info']['archive_info']['hashes']['sha256']}"
            for item in report["install"]
        )
        (Path(__file__).parent / file).write_text("\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
