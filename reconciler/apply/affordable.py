"""Whether the requests that are left suffice for a plan: told before the first write, not in the middle of it."""

from reconciler.errors import RequestBudgetExceeded, TooFewRequests
from reconciler.model import Plan, Via
from reconciler.salesforce import Budget

_JOB_ROOM = 6
"""What a job sets aside beyond the six requests that are planned for it; that of the last one serves to verify."""


def refuse_unaffordable(plan: Plan, budget: Budget) -> None:
    """Raises TooFewRequests when writing the plan and reading the org again would take more than is left."""
    after = max(plan.requests.read, _JOB_ROOM if any(step.via is Via.BULK for step in plan.steps) else 0)
    needed = plan.requests.planned_write + after
    if plan.is_empty or not (refusal := budget.refusal(needed)):
        return
    remedy = f"; --max-requests {budget.spent + needed} would do" if isinstance(refusal, RequestBudgetExceeded) else ""
    msg = (
        f"apply takes about {plan.requests.planned_write} requests to write and {after} to verify, and "
        f"was not begun, so nothing was changed: {refusal}{remedy}"
    )
    raise TooFewRequests(msg)
