"""The files that stacks upload, put beside their JSON, where Terraform looks for them."""

import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path

from constructs.code_upload import FOLDER

from settings.faults import Fault, FaultsError
from stacks.all_stacks import AnyStack
from stacks.bundle import BundleStack


def put_code(outdir: str, stacks: Mapping[str, AnyStack]) -> None:
    """Copy the files of every stack of a bundle into its folder of `outdir`.

    Raises FaultsError where a file is not any more as it was when its stack was made.
    """
    for name, stack in stacks.items():
        folder = Path(outdir) / "stacks" / name
        shutil.rmtree(folder / FOLDER, ignore_errors=True)
        for file in stack.files if isinstance(stack, BundleStack) else ():
            content = file.source.read_bytes()
            if hashlib.sha256(content).hexdigest() != file.digest:
                raise FaultsError(
                    [
                        Fault.of_file(
                            str(file.source),
                            found="a content that has changed since synthesis began",
                            allowed="files that stay as they are while they are read",
                            remedy="synthesize again, once nothing writes there any more",
                        )
                    ]
                )
            place = folder / file.place
            place.parent.mkdir(parents=True)
            place.write_bytes(content)
