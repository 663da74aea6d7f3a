"""The files that stacks upload, put beside their JSON, where Terraform looks for them."""

import hashlib
import shutil
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from constructs.code_upload import FOLDER, UploadedFile

from settings.faults import Fault, FaultsError
from stacks.all_stacks import AnyStack
from stacks.bundle import BundleStack


def put_code(outdir: str, stacks: Mapping[str, AnyStack]) -> None:
    """Copy the files of every bundle's stack into its folder of `outdir`; several targets have most of them in common.

    Raises FaultsError where a file is not any more as it was when its stack was made.
    """
    places: defaultdict[UploadedFile, list[Path]] = defaultdict(list)
    for name, stack in stacks.items():
        if isinstance(stack, BundleStack):
            folder = Path(outdir) / "stacks" / name
            shutil.rmtree(folder / FOLDER, ignore_errors=True)
            (folder / FOLDER).mkdir()
            for file in stack.files:
                places[file].append(folder / file.place)
    for file, copies in places.items():
        content = file.source.read_bytes()
        if hashlib.sha256(content).hexdigest() != file.digest:
            raise FaultsError([_changed(file)])
        for copy in copies:
            copy.write_bytes(content)


def _changed(file: UploadedFile) -> Fault:
    return Fault.of_file(
        str(file.source),
        found="a content that has changed since synthesis began",
        allowed="files that stay as they are while they are read",
        remedy="synthesize again, once nothing writes there any more",
    )
