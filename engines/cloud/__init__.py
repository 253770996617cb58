"""The account's moving parts in this process, on moto: functions, workflows, events, and our own deployment of them.

    handlers = our_handlers()
    functions, clock = Functions(deployed(handlers)), WorkflowClock()
    with mock_aws(), executing(functions, clock):
        deployment = deploy(clients, handlers, bucket="bucket-that-is-there")
        deployment.start("ingest", project_id="p", event_id="e")
        (execution,) = executions(deployment.machines["ingest"])
        assert execution.wait().status == "SUCCEEDED"

`handlers` names callables as `our_handlers` does: `receive`, `ingest-begin`. Functions are deployed under that name
with `ricordo-` before it. `execution.states`, `execution.history`, `functions.invocations` and `clock.pauses` tell
what happened.
"""

from engines.cloud.deployment import Deployment, deploy, deployed, our_handlers
from engines.cloud.functions import Functions, Invocation, NotCarriedOutError
from engines.cloud.state_machines import Execution, StillRunningError, executing, executions
from engines.cloud.workflow_clock import Pause, WorkflowClock

__all__ = [
    "Deployment",
    "Execution",
    "Functions",
    "Invocation",
    "NotCarriedOutError",
    "Pause",
    "StillRunningError",
    "WorkflowClock",
    "deploy",
    "deployed",
    "executing",
    "executions",
    "our_handlers",
]
