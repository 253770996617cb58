"""What is kept of a request's body, and what is not."""

from ricordo.runtime.add_fields import AddBody, add_request


def test_what_shapes_a_memory_is_kept_and_nothing_else() -> None:
    """Settings and keys that clients spread into a body never reach the store."""
    body = AddBody.model_validate(
        {"messages": "hi", "user_id": "ana", "metadata": {"a": 1}, "includes": "food", "apiKey": "m0-x", "host": "h"}
    )
    assert add_request(body).options == {"metadata": {"a": 1}, "includes": "food", "infer": True}


def test_owners_may_stand_in_filters() -> None:
    """An owner at the top wins over one inside filters; the others are taken from there."""
    body = AddBody.model_validate({"messages": "hi", "user_id": "ana", "filters": {"user_id": "bo", "run_id": 7}})
    scope = add_request(body).scope
    assert (scope.user_id, scope.run_id) == ("ana", "7")
