"""Which provider isolates Lambda functions, by name, and what stands in the way of each on this machine."""

from __future__ import annotations

from typing import TypeAlias

from edge.runtimes.lambda_edge.providers import firecracker, microvm_guest
from edge.runtimes.lambda_edge.providers.firecracker import FirecrackerProvider
from edge.runtimes.lambda_edge.providers.microvm import MicrovmProvider
from edge.runtimes.lambda_edge.providers.process import ProcessProvider
from edge.runtimes.lambda_edge.providers.provider import Unavailable
from edge.runtimes.lambda_edge.providers.sandbox import SandboxProvider

AnyProvider: TypeAlias = ProcessProvider | SandboxProvider | MicrovmProvider | FirecrackerProvider

PROVIDERS = (ProcessProvider.name, SandboxProvider.name, MicrovmProvider.name, FirecrackerProvider.name)
"""From the one that works everywhere to the strongest."""


def make_provider(name: str, *, network: bool = True, program: str | None = None) -> AnyProvider:
    """The provider called `name`, one of PROVIDERS. `network` is what functions may reach: on Lambda@Edge the internet,
    here all that this machine reaches; virtual machines have none. `program` is the path of Firecracker, None for
    EDGE_FIRECRACKER or the PATH. Raises Unavailable with the reason, and what to do."""
    if name == ProcessProvider.name:
        return ProcessProvider()
    if name == SandboxProvider.name:
        return SandboxProvider(network=network)
    if name == MicrovmProvider.name:
        return MicrovmProvider(microvm_guest.default_folder())
    if name == FirecrackerProvider.name:
        return firecracker.found(program, microvm_guest.default_folder())
    raise Unavailable(f"there is no provider {name}: take one of {', '.join(PROVIDERS)}")
