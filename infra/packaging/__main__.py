"""`python -m infra.packaging`: build all layers and functions, and print how large they are."""

import sys

from infra.packaging.errors import PackagingError
from infra.packaging.packages import OWN, built, names
from infra.packaging.recipe import LAMBDA_LIMIT_MB, LIMIT_MB, LIMIT_WITHOUT_NUMPY_MB, LOCKS
from infra.packaging.sizes import sizes_of, unzipped_mb


def main() -> None:
    """Build and measure."""
    print(f"{'':28}{'unzipped':>10}{'zipped':>10}  MB")
    total: dict[str, float] = {}
    for name in names():
        sizes = sizes_of(built(name).path)
        total[name] = sizes.unzipped_mb
        print(f"{name:28}{sizes.unzipped_mb:10.1f}{sizes.zipped_mb:10.1f}")
    layers = sum(total[name] for name in LOCKS)
    numpy = sum(unzipped_mb(path) for path in (built("dependencies").path / "python").glob("numpy*/"))
    largest = max(size for name, size in total.items() if name not in (*LOCKS, OWN))
    for told, size, limit in (
        ("layers of dependencies", layers, LIMIT_MB),
        ("the same without numpy", layers - numpy, LIMIT_WITHOUT_NUMPY_MB),
        ("largest function, all layers", layers + total[OWN] + largest, LAMBDA_LIMIT_MB),
    ):
        print(f"{told:28}{size:10.1f}{'':10}  of {limit}")


if __name__ == "__main__":
    try:
        main()
    except PackagingError as error:
        sys.exit(str(error))
