"""Makes the problems of a plan: at the place where the file says it, about the resource that it says it of."""

from reconciler.model import Problem, Resource, Severity


def error(code: str, resource: Resource, field: str, message: str, remedy: str) -> Problem:
    """A problem that refuses the plan."""
    return Problem(code, Severity.ERROR, message, remedy, resource.address, resource.position(field))


def warning(code: str, resource: Resource, field: str, message: str, remedy: str) -> Problem:
    """A problem that is shown and refuses nothing."""
    return Problem(code, Severity.WARNING, message, remedy, resource.address, resource.position(field))
