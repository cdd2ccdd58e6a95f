"""Whether the requests that are left suffice for a plan: told before the first write, not in the middle of it."""

from reconciler.errors import RequestBudgetExceeded, TooFewRequests
from reconciler.model import Plan
from reconciler.salesforce import Budget


def refuse_unaffordable(plan: Plan, budget: Budget) -> None:
    """Raises TooFewRequests when writing the plan and reading the org again would take more than is left."""
    needed = plan.requests.planned_write + plan.requests.read
    if plan.is_empty or not (refusal := budget.refusal(needed)):
        return
    remedy = f"; --max-requests {budget.spent + needed} would do" if isinstance(refusal, RequestBudgetExceeded) else ""
    msg = (
        f"apply takes about {plan.requests.planned_write} requests to write and {plan.requests.read} to verify, and "
        f"was not begun, so nothing was changed: {refusal}{remedy}"
    )
    raise TooFewRequests(msg)
