"""What Step Functions can answer to a start, as our errors.

Codes: docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
"""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from ricordo.domain.errors import UnavailableError

FAULTS_OF_OURS = frozenset({"InvalidArn", "InvalidExecutionInput", "InvalidName", "ValidationException"})


@contextmanager
def translated() -> Iterator[None]:
    """Raise our error for the vendor's; what is a fault of ours stays as it is."""
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in FAULTS_OF_OURS:
            raise
        raise UnavailableError(f"The workflow cannot be started: {code}.") from error
    except BotoCoreError as error:
        raise UnavailableError(f"Step Functions cannot be reached: {type(error).__name__}.") from error
