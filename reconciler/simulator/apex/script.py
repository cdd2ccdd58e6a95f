"""An anonymous block from its text to its outcome: one transaction, kept whole or not at all.

Source: https://developer.salesforce.com/docs/atlas.en-us.apexcode.meta/apexcode/apex_anonymous_block.htm
"""

from dataclasses import dataclass

from reconciler.simulator.apex.budget import MOST
from reconciler.simulator.apex.check import check
from reconciler.simulator.apex.evaluate import evaluate
from reconciler.simulator.apex.parse import parse_script
from reconciler.simulator.apex.problem import CompileProblem, LimitExceeded, Thrown
from reconciler.simulator.apex.run import Log, Run
from reconciler.simulator.apex.statements import run_all
from reconciler.simulator.apex.tree import Place
from reconciler.simulator.apex.values import text_of
from reconciler.simulator.dml import Transaction
from reconciler.simulator.errors import ApiError
from reconciler.simulator.messages import OWN_WORDS
from reconciler.simulator.org import Org
from reconciler.simulator.write import Lookups

_NOWHERE = Place(-1, -1)
_DEEP = "Maximum stack depth reached"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a script; line and column are -1 where there is nothing to point at."""

    compiled: bool
    success: bool
    line: int = -1
    column: int = -1
    compile_problem: str | None = None
    exception_message: str | None = None
    exception_stack_trace: str | None = None
    log: str = ""


def execute_anonymous(
    org: Org, actor: str, code: str, version: float = 66.0, transaction: Transaction | None = None
) -> Outcome:
    """Compile and run a script as a user; whatever is wrong with it is told, never raised.

    What it writes is written in the given transaction, or else in one of its own. Raises ApiError for a user without
    Author Apex; that it takes this is documented, what is answered without it is not.
    Source: https://developer.salesforce.com/docs/atlas.en-us.apexcode.meta/apexcode/apex_anonymous_block.htm
    """
    transaction = transaction or Transaction(org, actor)
    if "AuthorApex" not in Lookups(org).permissions(actor):
        raise ApiError(403, "INSUFFICIENT_ACCESS", "Anonymous Apex takes the permission Author Apex" + OWN_WORDS)
    log = Log(org, [f"{version:.1f} APEX_CODE,DEBUG;APEX_PROFILING,INFO"])
    log.lines += [f"Execute Anonymous: {line}" for line in code.splitlines()]
    try:
        script = parse_script(code)
        check(org.schema, script)
        run = Run(org, actor, version, transaction, script.methods, log, evaluate)
        with org.store.transaction():
            log.add("EXECUTION_STARTED")
            run_all(run, script.statements)
    except CompileProblem as problem:
        return Outcome(False, False, *problem.at, compile_problem=problem.message)  # noqa: FBT003 - the first two fields
    except Thrown as error:
        return _failed(log, error.at, text_of(error.value))
    except LimitExceeded as error:
        return _failed(log, Place(1, 1), f"System.LimitException: {error.message}")
    except RecursionError:
        return _failed(log, Place(1, 1), f"System.LimitException: {_DEEP}")
    for name, used in run.budget.used.items():
        log.add(f"LIMIT_USAGE|Number of {name}: {used} out of {MOST[name]}")
    log.add("EXECUTION_FINISHED")
    return Outcome(compiled=True, success=True, log=_text(log))


def _failed(log: Log, at: Place, message: str) -> Outcome:
    trace = f"AnonymousBlock: line {at.line}, column 1"
    log.add(f"FATAL_ERROR|{message}\n\n{trace}")
    log.add("EXECUTION_FINISHED")
    return Outcome(
        compiled=True,
        success=False,
        line=at.line,
        column=1,
        exception_message=message,
        exception_stack_trace=trace,
        log=_text(log),
    )


def _text(log: Log) -> str:
    return "\n".join(log.lines) + "\n"
