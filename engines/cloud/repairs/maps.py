"""Maps take as many items as they are given, and a distributed one fails when too many of its items do.

moto sinks deeper into Python's stack with each item until there is no more of it, and lets a distributed Map succeed
whatever becomes of its items.
"""

from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType, MapRunFailedEventDetails
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent, FailureEventException
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import StatesErrorNameType
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.distributed_iteration_component import (
    DistributedIterationComponent,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.iteration_worker import IterationWorker
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails

_ERROR = StatesErrorNameType.StatesExceedToleratedFailureThreshold


def install() -> None:
    """Repair both."""
    IterationWorker._eval_pool = _take_all  # noqa: SLF001  there is no other way in
    distributed = DistributedIterationComponent
    distributed._map_run = _counting(distributed._map_run)  # noqa: SLF001  the same


def _take_all(self: Any, job: Any, worker_frame: Any) -> None:
    while job is not None:
        frame = worker_frame.open_inner_frame()
        self._eval_job(env=frame, job=job)
        worker_frame.close_frame(frame)
        ended = isinstance(job.job_output, Exception) or self.stopped()
        following = None if ended else self._job_pool.next_job()
        if following is None:
            if not ended:
                last_told = frame.event_history_context.last_published_event_id
                worker_frame.event_history_context.source_event_id = last_told
            self._env.close_frame(worker_frame)  # before the job: the Map goes on when its last job is closed
        self._job_pool.close_job(job)
        if following is None:
            return
        job = following
    self._env.close_frame(worker_frame)


def _counting(map_run: Any) -> Any:
    def run(self: Any, env: Any, eval_input: Any) -> None:
        map_run(self, env, eval_input)
        counted = eval_input.map_run_record.item_counter
        failed, total = counted.failed.get(), counted.total.get()
        tolerated = eval_input.tolerated_failure_count or 0
        tolerated_share = (eval_input.tolerated_failure_percentage or 0) / 100
        if failed > max(tolerated, total * tolerated_share):
            env.stack.pop()
            details = MapRunFailedEventDetails(error=_ERROR.to_name(), cause=f"{failed} of {total} items failed.")
            raise FailureEventException(
                FailureEvent(
                    env=env,
                    error_name=StatesErrorName(typ=_ERROR),
                    event_type=HistoryEventType.MapRunFailed,
                    event_details=EventDetails(mapRunFailedEventDetails=details),
                )
            )

    return run
