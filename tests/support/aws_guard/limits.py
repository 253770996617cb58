"""The limits AWS documents, each with its page; all looked up on 2026-11-24.

The pages were read in stored copies of the documentation, so a limit may since have been raised; none is lower there.
"""

from dataclasses import dataclass

CONSTRAINTS = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html"
TRANSACT_WRITE = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html"
TRANSACT_GET = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactGetItems.html"
BATCH_WRITE = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html"
BATCH_GET = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html"
QUERY = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html"
SQS_MESSAGES = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html"
SQS_RECEIVE = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html"


class RefusedRequestError(AssertionError):
    """The request is one that AWS would refuse, or that would leave this machine."""


@dataclass(frozen=True, slots=True)
class Limit:
    """The most of something that AWS takes, and the page that says so."""

    most: int
    of: str
    page: str

    def check(self, amount: int) -> None:
        """Refuse an amount over the limit.

        Raises:
            RefusedRequestError: it is.
        """
        if amount > self.most:
            raise RefusedRequestError(f"{amount} {self.of}, AWS takes {self.most}: {self.page}")


ITEM_BYTES = Limit(400 * 1024, "bytes in an item, names included", CONSTRAINTS)
PARTITION_KEY_BYTES = Limit(2048, "bytes in a partition key", CONSTRAINTS)
SORT_KEY_BYTES = Limit(1024, "bytes in a sort key", CONSTRAINTS)
NUMBER_DIGITS = Limit(38, "significant digits in a number", CONSTRAINTS)
NESTED_LEVELS = Limit(32, "levels of nesting", CONSTRAINTS)
EXPRESSION_BYTES = Limit(4 * 1024, "bytes in an expression", CONSTRAINTS)
EXPRESSION_OPERATORS = Limit(300, "operators and functions in an expression", CONSTRAINTS)
IN_OPERANDS = Limit(100, "operands of IN", CONSTRAINTS)
PLACEHOLDER_BYTES = Limit(255, "bytes in a placeholder", CONSTRAINTS)
SUBSTITUTION_BYTES = Limit(2 * 1024**2, "bytes in the names and values of an expression", CONSTRAINTS)
TRANSACTION_ACTIONS = Limit(100, "actions in a transaction", TRANSACT_WRITE)
TRANSACTION_BYTES = Limit(4 * 1024**2, "bytes in a transaction", TRANSACT_WRITE)
REQUEST_TOKEN_CHARACTERS = Limit(36, "characters in a ClientRequestToken", TRANSACT_WRITE)
TRANSACTION_READS = Limit(100, "reads in a transaction", TRANSACT_GET)
BATCH_WRITES = Limit(25, "writes in a batch", BATCH_WRITE)
BATCH_WRITE_BYTES = Limit(16 * 1024**2, "bytes in a batch", BATCH_WRITE)
BATCH_READS = Limit(100, "reads in a batch", BATCH_GET)
QUEUE_ENTRIES = Limit(10, "entries in a batch", SQS_MESSAGES)
QUEUE_ENTRY_ID_CHARACTERS = Limit(80, "characters in the id of an entry", SQS_MESSAGES)
QUEUE_REQUEST_BYTES = Limit(1024**2, "bytes of messages in a request", SQS_MESSAGES)
QUEUE_ATTRIBUTES = Limit(10, "attributes of a message", SQS_MESSAGES)
QUEUE_DELAY_S = Limit(15 * 60, "seconds of delay", SQS_MESSAGES)
QUEUE_RECEIVED = Limit(10, "messages in a receive", SQS_RECEIVE)
QUEUE_WAIT_S = Limit(20, "seconds of waiting", SQS_RECEIVE)
