"""The Tooling API, as far as data scripts and clients at their start use it.

Source: https://developer.salesforce.com/docs/atlas.en-us.api_tooling.meta/api_tooling/intro_rest_resources.htm
"""

from werkzeug.wrappers import Response

from reconciler.simulator.apex import execute_anonymous
from reconciler.simulator.errors import ApiError
from reconciler.simulator.wire.context import Context, json_response
from reconciler.simulator.wire.query import query

_EMPTY = frozenset({"sandboxprocess", "apexlog", "traceflag", "apexclass", "apextrigger", "debuglevel"})
"""Objects of the Tooling API that a simulated org has none of."""


def run_script(context: Context) -> Response:
    """`GET /tooling/executeAnonymous?anonymousBody=...`: 200 whatever becomes of the script."""
    code = context.request.args.get("anonymousBody")
    if not code:
        # Inferred: that the body is required is documented, the sentence is not.
        raise ApiError(400, "MISSING_ARGUMENT", "the parameter anonymousBody is required")
    outcome = execute_anonymous(context.org, context.user_id, code, float(context.version), context.begin())
    return json_response(
        {
            "line": outcome.line,
            "column": outcome.column,
            "compiled": outcome.compiled,
            "success": outcome.success,
            "compileProblem": outcome.compile_problem,
            "exceptionStackTrace": outcome.exception_stack_trace,
            "exceptionMessage": outcome.exception_message,
        }
    )


def tooling_query(context: Context) -> Response:
    """`GET /tooling/query`: of its own objects there are none; others are answered as the data API does."""
    words = context.request.args.get("q", "").lower().split()
    named = words[words.index("from") + 1] if "from" in words[:-1] else ""
    if named in _EMPTY:
        return json_response(
            {"size": 0, "totalSize": 0, "done": True, "queryLocator": None, "entityTypeName": None, "records": []}
        )
    return query(context)
