"""Plans, problems and results as text and JSON. Pure: model types in, text out; outside text is escaped."""

from reconciler.render.apex_scripts import apex_scripts
from reconciler.render.event_json import begun_line, ended_line, event_line
from reconciler.render.history_text import history_json, history_text, run_text
from reconciler.render.plan_json import plan_document, plan_json
from reconciler.render.plan_text import plan_text
from reconciler.render.problem_text import problem_lines, problems_json
from reconciler.render.result_text import report_text, results_json
from reconciler.render.safe_text import shown

__all__ = [
    "apex_scripts",
    "begun_line",
    "ended_line",
    "event_line",
    "history_json",
    "history_text",
    "plan_document",
    "plan_json",
    "plan_text",
    "problem_lines",
    "problems_json",
    "report_text",
    "results_json",
    "run_text",
    "shown",
]
