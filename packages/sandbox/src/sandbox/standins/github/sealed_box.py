"""Boxes that only the owner of a key can open, as GitHub wants its secrets."""

import base64


def seal(public_key: str, plaintext: str) -> str:
    """The plaintext in a libsodium sealed box, in base64 as the key is."""
    from nacl.public import PublicKey, SealedBox  # late: few processes need it, and it takes its time to load

    box = SealedBox(PublicKey(base64.b64decode(public_key)))
    return base64.b64encode(box.encrypt(plaintext.encode())).decode()
