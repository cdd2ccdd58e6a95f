"""A job and its batches, as they are kept and as they are told."""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from reconciler.simulator.errors import ApiError
from reconciler.simulator.ids import to_18
from reconciler.simulator.wire.context import Context


def refused(code: str, message: str) -> ApiError:
    """A refused request; the codes of Bulk API 1.0 are its own."""
    return ApiError(400, code, message)


@dataclass(slots=True)
class Batch:
    """A batch; it is in progress until `ready_at`. `results` are the ids of a query's answers."""

    id: str
    created: str
    ready_at: float
    rows: int = 0
    failed: int = 0
    problem: str | None = None
    results: list[str] = field(default_factory=list)

    @property
    def is_ready(self) -> bool:
        """Whether its time has come."""
        return time.time() >= self.ready_at

    @property
    def state(self) -> str:
        """Its state by now."""
        if not self.is_ready:
            return "InProgress"
        return "Failed" if self.problem else "Completed"


@dataclass(slots=True)
class Job:
    """A job; `serial` tells its concurrency."""

    id: str
    operation: str
    object: str
    content_type: str
    created: str
    created_by: str
    version: float
    key: str | None = None
    serial: bool = False
    state: str = "Open"
    batches: list[Batch] = field(default_factory=list)

    @property
    def is_query(self) -> bool:
        """Whether it reads."""
        return self.operation in {"query", "queryAll"}

    def batch(self, batch_id: str) -> Batch:
        """The batch of that id; raises ApiError InvalidBatch."""
        wanted = to_18(batch_id)
        found = next((batch for batch in self.batches if batch.id == wanted), None)
        if found is None:
            raise refused("InvalidBatch", f"Unable to find batch for id: {batch_id}")
        return found

    def told(self) -> Mapping[str, Any]:
        """What Salesforce tells of the job."""
        states = [batch.state for batch in self.batches]
        ready = [batch for batch in self.batches if batch.is_ready]
        return {
            "id": self.id,
            "operation": self.operation,
            "object": self.object,
            "createdById": self.created_by,
            "createdDate": self.created,
            "systemModstamp": self.created,
            "state": self.state,
            "externalIdFieldName": self.key,
            "concurrencyMode": "Serial" if self.serial else "Parallel",
            "contentType": self.content_type,
            "numberBatchesQueued": 0,
            "numberBatchesInProgress": states.count("InProgress"),
            "numberBatchesCompleted": states.count("Completed"),
            "numberBatchesFailed": states.count("Failed"),
            "numberBatchesTotal": len(states),
            "numberRecordsProcessed": sum(batch.rows for batch in ready),
            "numberRetries": 0,
            "apiVersion": self.version,
            "numberRecordsFailed": sum(batch.failed for batch in ready),
            "totalProcessingTime": 0,
            "apiActiveProcessingTime": 0,
            "apexProcessingTime": 0,
        }

    def told_of(self, batch: Batch) -> Mapping[str, Any]:
        """What Salesforce tells of a batch."""
        is_ready = batch.is_ready
        return {
            "id": batch.id,
            "jobId": self.id,
            "state": batch.state,
            "stateMessage": batch.problem if is_ready else None,
            "createdDate": batch.created,
            "systemModstamp": batch.created,
            "numberRecordsProcessed": batch.rows if is_ready else 0,
            "numberRecordsFailed": batch.failed if is_ready else 0,
            "totalProcessingTime": 0,
            "apiActiveProcessingTime": 0,
            "apexProcessingTime": 0,
        }

    def text(self) -> str:
        """The job as it is kept."""
        return json.dumps({**asdict(self), "kind": "v1"})


def load(context: Context, job_id: str) -> Job:
    """A job that is kept; raises ApiError InvalidJob."""
    kept = json.loads(context.org.store.meta_get(f"job {to_18(job_id) or job_id}") or "{}")
    if kept.pop("kind", None) != "v1":
        raise refused("InvalidJob", f"Unable to find job for id: {job_id}")
    batches = [Batch(**batch) for batch in kept.pop("batches")]
    return Job(**kept, batches=batches)


def save(context: Context, job: Job) -> None:
    """Keep a job."""
    context.org.store.meta_set(f"job {job.id}", job.text())


def keep_file(context: Context, owner: str, name: str, content: str) -> None:
    """Keep a file of a batch."""
    context.org.store.meta_set(f"file {owner} {name}", content)


def kept_file(context: Context, owner: str, name: str) -> str:
    """A file of a batch."""
    return context.org.store.meta_get(f"file {owner} {name}") or ""
