"""Plans, problems and results as text and JSON. Pure: model types in, text out; outside text is escaped."""

from reconciler.render.plan_json import plan_document, plan_json
from reconciler.render.plan_text import plan_text
from reconciler.render.problem_text import problem_lines, problems_json
from reconciler.render.result_text import Tally, result_line, results_json, tally, tally_text

__all__ = [
    "Tally",
    "plan_document",
    "plan_json",
    "plan_text",
    "problem_lines",
    "problems_json",
    "result_line",
    "results_json",
    "tally",
    "tally_text",
]
