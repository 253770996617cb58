"""Where the code of functions and layers comes from: folders that were built beforehand, each with its digest."""

from collections.abc import Callable
from pathlib import Path

from aws_cdk import AssetHashType, Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.packaging.packages import Package

RUNTIME = lambda_.Runtime.PYTHON_3_13
ARCHITECTURE = lambda_.Architecture.ARM_64


Packages = Callable[[str], Package]
"""Gives a package by name: the layers `dependencies`, `graph` and `package`, or a folder of `functions/`."""


def unbuilt(name: str) -> Package:
    """Stand for a package where only templates are wanted: nothing is built, and the digest says nothing."""
    return Package(Path(__file__).parent, f"unbuilt-{name}")


def code_of(package: Package) -> lambda_.Code:
    """Return a package as CDK takes it. A `Code` belongs to one stack, so each asks for its own."""
    return lambda_.Code.from_asset(str(package.path), asset_hash_type=AssetHashType.CUSTOM, asset_hash=package.digest)


class Layers(Construct):
    """The layers of one stack, which only its own functions use: a layer of another would not follow its changes."""

    def __init__(self, scope: Construct, *, packages: Packages) -> None:
        super().__init__(scope, "Layers")
        self._packages = packages
        self._made: dict[str, lambda_.LayerVersion] = {}

    @classmethod
    def of(cls, stack: Stack, *, packages: Packages) -> "Layers":
        """Return a stack's layers."""
        found = stack.node.try_find_child("Layers")
        return found if isinstance(found, cls) else cls(stack, packages=packages)

    def chosen(self, *, graph: bool) -> list[lambda_.LayerVersion]:
        """Return what a function needs; Gremlin only where it speaks to a graph."""
        names = ["dependencies", *(["graph"] if graph else []), "package"]
        return [self._layer(name) for name in names]

    def _layer(self, name: str) -> lambda_.LayerVersion:
        if name not in self._made:
            self._made[name] = lambda_.LayerVersion(
                self,
                name.capitalize(),
                code=code_of(self._packages(name)),
                compatible_runtimes=[RUNTIME],
                compatible_architectures=[ARCHITECTURE],
            )
        return self._made[name]
