"""GitHub's global node ids, by which GraphQL names objects."""

from base64 import urlsafe_b64encode

REPOSITORY = "R"
ORGANIZATION = "O"
USER = "U"
TEAM = "T"
BRANCH_PROTECTION_RULE = "BPR"
COMMENT = "IC"
COMMIT = "C"
DEPLOYMENT_POLICY = "DBP"
ENVIRONMENT = "EN"
ISSUE = "I"
LABEL = "LA"
PULL_REQUEST = "PR"
REF = "REF"
REVIEW = "PRR"
RULESET = "RRS"


def node_id(prefix: str, number: int) -> str:
    """The global id of the object that has this number among its kind ("R_kgDOAAAAAQ")."""
    # As GitHub's own: a msgpack array (0x92, 0x00) of a 32-bit number (0xCE).
    packed = b"\x92\x00\xce" + number.to_bytes(4, "big")
    return f"{prefix}_{urlsafe_b64encode(packed).decode().rstrip('=')}"
