"""The wire: sessions, queries, record writes and Bulk API 2.0 jobs of one Salesforce org."""

from reconciler.salesforce.budget import Budget
from reconciler.salesforce.outcome import RowOutcome
from reconciler.salesforce.reader import Json, Reader, Reads
from reconciler.salesforce.session import Session, open_session
from reconciler.salesforce.writer import Batch, Writer

__all__ = ["Batch", "Budget", "Json", "Reader", "Reads", "RowOutcome", "Session", "Writer", "open_session"]
