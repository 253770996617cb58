"""What AWS's clients must find, and must not find, in the environment of whoever asks the engines."""

from typing import Final

# What a client must have, whoever is asked; a caller's own stays.
CREDENTIALS: Final = {
    "AWS_ACCESS_KEY_ID": "ricordo",
    "AWS_SECRET_ACCESS_KEY": "ricordo",
    "AWS_DEFAULT_REGION": "eu-central-1",
}
# What would lead a client past the engines, or to somebody's account.
MISLEADING: Final = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
