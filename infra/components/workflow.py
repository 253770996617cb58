"""One way to make a state machine: from the file beside its steps, each step a function."""

from aws_cdk import Aws, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.components.function import PythonFunction
from infra.components.grounds import Grounds
from infra.functions import EXPRESS, steps_of, workflow_path
from infra.settings import StageSettings


def machine_arn(settings: StageSettings, flow: str) -> str:
    """Return the ARN a workflow has or will have: its own steps may name it before it is there."""
    machine = machine_name(settings, flow)
    return f"arn:{Aws.PARTITION}:states:{Aws.REGION}:{Aws.ACCOUNT_ID}:stateMachine:{machine}"


def bus_arn(settings: StageSettings) -> str:
    """Return the ARN of the stage's event bus."""
    return f"arn:{Aws.PARTITION}:events:{Aws.REGION}:{Aws.ACCOUNT_ID}:event-bus/{settings.prefix}"


def machine_name(settings: StageSettings, flow: str) -> str:
    """Return the name of a workflow's state machine."""
    return f"{settings.prefix}-{flow}"


class Workflow(Construct):
    """The state machine of a folder of `functions/`; the file's placeholders are its steps."""

    def __init__(self, scope: Construct, flow: str, *, grounds: Grounds) -> None:
        super().__init__(scope, "".join(part.capitalize() for part in flow.split("_")))
        settings = grounds.settings
        self.flow = flow
        self.steps = {step: PythonFunction(self, entry, grounds=grounds) for step, entry in steps_of(flow).items()}
        arns = {step: function.function.function_arn for step, function in self.steps.items()}
        is_express = flow in EXPRESS
        self.machine = sfn.StateMachine(
            self,
            "Machine",
            state_machine_name=machine_name(settings, flow),
            state_machine_type=sfn.StateMachineType.EXPRESS if is_express else sfn.StateMachineType.STANDARD,
            definition_body=sfn.DefinitionBody.from_file(str(workflow_path(flow))),
            definition_substitutions={"Partition": Aws.PARTITION, **arns},
            tracing_enabled=True,
            logs=sfn.LogOptions(
                destination=logs.LogGroup(
                    self,
                    "Logs",
                    # Any other name would need an entry in the account's one policy for deliveries, which is soon full.
                    log_group_name=f"/aws/vendedlogs/states/{machine_name(settings, flow)}",
                    retention=settings.retention,
                    removal_policy=RemovalPolicy.DESTROY,
                ),
                level=sfn.LogLevel.ALL,
                include_execution_data=False,  # inputs and outputs may hold what was said
            ),
        )
        self._allow(["lambda:InvokeFunction"], list(arns.values()))
        if _is_distributed(flow):
            self._let_it_start_itself(settings)

    def _let_it_start_itself(self, settings: StageSettings) -> None:
        """Let a distributed map run its items, each of which is an execution of the machine itself."""
        name = machine_name(settings, self.flow)
        executions = f"arn:{Aws.PARTITION}:states:{Aws.REGION}:{Aws.ACCOUNT_ID}:execution:{name}/*"
        self._allow(["states:StartExecution"], [machine_arn(settings, self.flow)])
        self._allow(["states:DescribeExecution", "states:StopExecution"], [executions])

    def _allow(self, actions: list[str], resources: list[str]) -> None:
        self.machine.add_to_role_policy(iam.PolicyStatement(actions=actions, resources=resources))


def _is_distributed(flow: str) -> bool:
    return '"DISTRIBUTED"' in workflow_path(flow).read_text("utf-8")
