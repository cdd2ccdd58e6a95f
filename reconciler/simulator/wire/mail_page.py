"""`/__simulator__/mails`: whom the org would have written to. It asks for no token, as `/__simulator__/faults` does."""

from werkzeug.wrappers import Request, Response

from reconciler.simulator.errors import ApiError
from reconciler.simulator.org import Org
from reconciler.simulator.outbox import mails
from reconciler.simulator.wire.context import error_response, json_response
from reconciler.simulator.wire.fault_page import check_neighbour

MAIL_PAGE = "/__simulator__/mails"


def mail_page(org: Org, request: Request) -> Response:
    """The mails counted so far; `?user=ID` and `?kind=KIND` choose among them."""
    try:
        check_neighbour(request, ("GET",))
    except ApiError as error:
        return error_response(error)
    wanted = {name: request.args[name] for name in ("user", "kind") if name in request.args}
    found = [mail for mail in mails(org.store) if all(mail[name] == value for name, value in wanted.items())]
    return json_response({"mails": found})
