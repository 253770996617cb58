class PackagingError(Exception):
    """A package cannot be built on this machine; the message says what is missing."""
