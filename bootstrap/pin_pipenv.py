"""Write pipenv.txt anew: pipenv and what it needs, each with the hash of its wheel, for pip's --require-hashes."""

import json
import subprocess
import sys
from pathlib import Path

PIPENV = "pipenv==2026.10.3"


def main() -> None:
    """Resolve with pip, which follows the user's own index, and keep names, versions and hashes only."""
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet", "--report", "-"]
    report = json.loads(subprocess.run([*command, PIPENV], check=True, capture_output=True, text=True).stdout)
    rows = sorted(
        f"{item['metadata']['name'].lower()}=={item['metadata']['version']}"
        f" --hash=sha256:{item['download_info']['archive_info']['hashes']['sha256']}"
        for item in report["install"]
    )
    (Path(__file__).parent / "pipenv.txt").write_text("\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
