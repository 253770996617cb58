"""Models of Bedrock, as policies name them."""

import re
from typing import Final

from aws_cdk import Aws

# An inference profile is named like a model with the area its requests may go to in front.
_PROFILE: Final = re.compile(r"(us|us-gov|eu|apac|jp|au|ca|global)\.(?P<model>.+)")


def model_arns(model_id: str) -> list[str]:
    """Return what must be allowed to call a model; a profile sends requests to any region of its area."""
    profile = _PROFILE.fullmatch(model_id)
    if not profile:
        return [_model(Aws.REGION, model_id)]
    own = f"arn:{Aws.PARTITION}:bedrock:{Aws.REGION}:{Aws.ACCOUNT_ID}:inference-profile/{model_id}"
    return [own, _model("*", profile["model"])]


def _model(region: str, model_id: str) -> str:
    return f"arn:{Aws.PARTITION}:bedrock:{region}::foundation-model/{model_id}"
