"""The SOAP Apex API: `executeAnonymous`, with a debug log where one is asked for.

Source: https://developer.salesforce.com/docs/atlas.en-us.apexcode.meta/apexcode/sforce_api_calls_executeanonymous.htm
"""

from collections.abc import Callable, Mapping

from reconciler.simulator.apex import execute_anonymous
from reconciler.simulator.wire.markup import leaf, tag
from reconciler.simulator.wire.soap.call import Reply, SoapCall


def _execute(call: SoapCall) -> Reply:
    context = call.context
    found = call.body.child("String") or call.body.child("apexcode")
    code = found.text if found else ""
    outcome = execute_anonymous(context.org, context.user_id, code, float(context.version), context.begin())
    content = (
        leaf("column", outcome.column)
        + leaf("compileProblem", outcome.compile_problem)
        + leaf("compiled", outcome.compiled)
        + leaf("exceptionMessage", outcome.exception_message)
        + leaf("exceptionStackTrace", outcome.exception_stack_trace)
        + leaf("line", outcome.line)
        + leaf("success", outcome.success)
    )
    is_logged = call.header.child("DebuggingHeader") is not None
    log = tag("DebuggingInfo", leaf("debugLog", outcome.log)) if is_logged else ""
    return Reply(tag("result", content), log)


APEX: Mapping[str, Callable[[SoapCall], Reply]] = {"executeAnonymous": _execute}
"""Calls of the Apex API."""
