"""What goes into the layers of dependencies, and for which machine."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PYTHON: Final = "3.13"
PLATFORM: Final = "aarch64-manylinux_2_28"  # Lambda's Amazon Linux 2023 on arm64 has glibc 2.34

LOCKS: Final = {"dependencies": "layer.txt", "graph": "layer-graph.txt"}

# The services whose clients we make; botocore knows four hundred more, in 20 MB of models.
SERVICES: Final = frozenset({"bedrock-runtime", "dynamodb", "events", "s3", "secretsmanager", "sqs", "stepfunctions"})

PRUNED_FOLDERS: Final = frozenset({"__pycache__", "bin", "examples", "test", "tests"})
PRUNED_SUFFIXES: Final = frozenset({".a", ".c", ".h", ".pxd", ".pyi", ".pyx"})
PRUNED_FILES: Final = frozenset({"INSTALLER", "RECORD", "REQUESTED", "_py2.py", "direct_url.json", "uv_cache.json"})

# Limits of Lambda: docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (a function with all its layers)
LAMBDA_LIMIT_MB: Final = 250
# Limits of ours, unzipped, for the layers of dependencies together.
LIMIT_MB: Final = 110
LIMIT_WITHOUT_NUMPY_MB: Final = 60
