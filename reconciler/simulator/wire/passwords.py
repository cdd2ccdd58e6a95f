"""`/sobjects/User/{id}/password`. Passwords are not kept: whoever logs in by a name is that user.

Source: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_sobject_user_password.htm
"""

import secrets
import string

from werkzeug.wrappers import Response

from reconciler.simulator.errors import ApiError
from reconciler.simulator.ids import to_18
from reconciler.simulator.messages import OWN_WORDS
from reconciler.simulator.wire.context import Context, json_response, not_found

_LETTERS = string.ascii_letters + string.digits
_SHORTEST, _LONGEST = 8, 16_000


def tell(context: Context, record_id: str) -> Response:
    """`GET`: whether the password has expired; one that was reset has."""
    user_id = _user(context, record_id)
    return json_response({"isExpired": context.org.store.meta_get(_expired(user_id)) == "1"})


def change(context: Context, record_id: str) -> Response:
    """`POST`: the new password."""
    set_password(context, record_id, context.json_object().get("NewPassword"))
    return Response(status=204)


def reset(context: Context, record_id: str) -> Response:
    """`DELETE`: a password that Salesforce makes."""
    return json_response({"NewPassword": reset_password(context, record_id)})


def set_password(context: Context, record_id: str, given: object) -> None:
    """A new password, of eight characters at least, letters and digits among them; raises ApiError."""
    user_id = _user(context, record_id)
    text = given if isinstance(given, str) else ""
    is_mixed = any(map(str.isalpha, text)) and any(map(str.isdigit, text))
    if not (_SHORTEST <= len(text) <= _LONGEST and is_mixed):
        message = f"a password has {_SHORTEST} characters at least, letters and digits among them{OWN_WORDS}"
        raise ApiError(400, "INVALID_NEW_PASSWORD", message)
    _note(context, user_id, "")


def reset_password(context: Context, record_id: str) -> str:
    """The password that a user is given; raises ApiError."""
    user_id = _user(context, record_id)
    _note(context, user_id, "1")
    return "".join(secrets.choice(_LETTERS) for _ in range(_SHORTEST)) + secrets.choice(string.digits) + "a"


def _user(context: Context, record_id: str) -> str:
    user = context.org.store.get("User", to_18(record_id) or "")
    if user is None:
        raise not_found()
    return str(user["Id"])


def _note(context: Context, user_id: str, is_expired: str) -> None:
    store = context.org.store
    with store.transaction():
        store.meta_set(_expired(user_id), is_expired)
        store.update("User", user_id, {"LastPasswordChangeDate": context.org.now()})


def _expired(user_id: str) -> str:
    return f"password expired {user_id}"
