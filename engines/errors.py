class EngineError(RuntimeError):
    """An engine cannot be prepared or does not start; the message says what to do, or ends with its last words."""
