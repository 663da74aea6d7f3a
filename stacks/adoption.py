"""What a stack takes over instead of making it."""

from collections.abc import Mapping, Sequence

from cdktf import TerraformResource, TerraformStack

from settings import Adoption
from settings.faults import Fault, FaultsError
from terraform_text import literal


def take_over(
    stack: TerraformStack, adoptions: Sequence[Adoption], *, by_itself: Sequence[Mapping[str, str]] = ()
) -> None:
    """Write the import blocks of a stack that is complete; `by_itself` are those that it needs in any case.

    Terraform ignores an import of what is in its state already. Raises FaultsError for addresses that the stack does
    not have.
    """
    addresses = set()
    if adoptions:
        resources = (node for node in stack.node.find_all() if isinstance(node, TerraformResource))
        addresses = {f"{one.terraform_resource_type}.{one.friendly_unique_id}" for one in resources}
    spared = {block["to"] for block in by_itself}
    faults = [
        *(_unknown(adoption, addresses) for adoption in adoptions if adoption.address not in addresses),
        *(_needless(adoption) for adoption in adoptions if adoption.address in spared),
    ]
    if faults:
        raise FaultsError(faults)
    blocks = [*by_itself, *({"to": adoption.address, "id": literal(adoption.id)} for adoption in adoptions)]
    if blocks:
        # CDKTF's own import blocks know no for_each, which some of these have.
        stack.add_override("import", blocks)


def _unknown(adoption: Adoption, addresses: set[str]) -> Fault:
    kind = adoption.address.partition(".")[0]
    of_kind = sorted(address for address in addresses if address.startswith(f"{kind}."))
    return Fault.at(
        adoption.place,
        adoption.key,
        found=f"{adoption.address}, which the stack does not have",
        allowed=", ".join(of_kind) or f"resources of the stack; it has none of the type {kind}",
        remedy="correct the address, or remove the entry",
    )


def _needless(adoption: Adoption) -> Fault:
    return Fault.at(
        adoption.place,
        adoption.key,
        found="a resource that the stack takes over by itself",
        allowed="resources that the stack does not take over by itself",
        remedy="remove the entry",
    )
