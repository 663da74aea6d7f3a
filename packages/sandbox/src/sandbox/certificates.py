"""The sandbox's certificate authority and the one server certificate that names every host."""

from collections.abc import Sequence
from pathlib import Path

from sandbox.folder import Folder, write_private


def server_certificate(folder: Folder, hosts: Sequence[str]) -> Path:
    """A PEM file with the key and the chain for exactly these hosts; made when there is none yet."""
    path, names = folder.certificates / "server.pem", folder.certificates / "server.hosts"
    wanted = "\n".join(sorted(set(hosts))) + "\n"
    if path.exists() and names.exists() and names.read_text(encoding="utf-8") == wanted:
        return path
    import trustme  # slow to import, and needed once per folder

    key = folder.certificates / "ca.key"
    if folder.authority.exists() and key.exists():
        authority = trustme.CA.from_pem(folder.authority.read_bytes(), key.read_bytes())
    else:
        authority = trustme.CA(organization_name="MLOps sandbox, this machine only")
        write_private(key, authority.private_key_pem.bytes())
        write_private(folder.authority, authority.cert_pem.bytes())
    leaf = authority.issue_cert(*sorted(set(hosts)))
    write_private(path, leaf.private_key_and_cert_chain_pem.bytes())
    write_private(names, wanted)
    return path
