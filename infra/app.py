"""The whole of a stage, box by box as the README draws it. `python -m infra.app` writes its templates to `cdk.out`.

Nothing is looked up and no credentials are asked for. The one key of context is `stage`.
"""

import os
from collections.abc import Sequence
from typing import Final

import aws_cdk as cdk

from infra.components.code import Packages
from infra.components.collection import SearchCollection
from infra.components.function import roles_of
from infra.components.grounds import Grounds
from infra.components.measures import namespace_of
from infra.components.models import model_arns
from infra.components.workflow import bus_arn, machine_arn
from infra.packaging.packages import built
from infra.permissions import Target
from infra.settings import SERVICE, StageSettings, read_stage
from infra.stacks.api import ApiStack
from infra.stacks.graph import GraphStack
from infra.stacks.network import NetworkStack
from infra.stacks.observability import ObservabilityStack
from infra.stacks.search import SearchStack
from infra.stacks.storage import BODIES, IMPORTS, REFUSALS, RESULTS, StorageStack
from infra.stacks.workflows import WorkflowStack

DEFAULT_STAGE: Final = "dev"


def build(app: cdk.App, settings: StageSettings, packages: Packages) -> dict[str, cdk.Stack]:
    """Make all stacks of a stage; return them by the names of their boxes."""
    prefix = settings.prefix
    network = NetworkStack(app, f"{prefix}-network", settings=settings) if settings.vpc else None
    within = network.network if network else None
    storage = StorageStack(app, f"{prefix}-storage", settings=settings)
    key_arn = storage.key.key_arn if storage.key else None
    search = SearchStack(app, f"{prefix}-search", settings=settings, key_arn=key_arn, network=within)
    graph = None
    if settings.graph.enabled:
        graph = GraphStack(app, f"{prefix}-graph", settings=settings, key_arn=key_arn, network=within)
    grounds = Grounds(
        settings=settings,
        packages=packages,
        environment=_environment(settings, storage, search),
        variables={Target.GRAPH: graph.variables} if graph else {},
        arns=_arns(settings, storage) | dict(search.arns) | (dict(graph.arns) if graph else {}),
        key_arn=key_arn,
        network=within,
    )
    workflows = WorkflowStack(app, f"{prefix}-workflows", grounds=grounds, storage=storage)
    api = ApiStack(app, f"{prefix}-api", grounds=grounds)
    if isinstance(search.engine, SearchCollection):
        search.engine.admit(workflows, roles_of(workflows.functions), name="workflows")
        search.engine.admit(api, roles_of(api.functions), name="api")
    observability = ObservabilityStack(
        app, f"{prefix}-observability", settings=settings, key_arn=key_arn, api=api, workflows=workflows
    )
    cdk.Tags.of(app).add("service", SERVICE)
    cdk.Tags.of(app).add("stage", settings.stage)
    boxes: dict[str, cdk.Stack | None] = {"network": network, "storage": storage, "search": search, "graph": graph}
    boxes |= {"api": api, "workflows": workflows, "observability": observability}
    return {name: box for name, box in boxes.items() if box is not None}


def _environment(settings: StageSettings, storage: StorageStack, search: SearchStack) -> dict[str, str]:
    chosen = {"RICORDO_EXTRACTOR_MODEL": settings.extractor_model, "RICORDO_CORS_ORIGIN": settings.cors_origin}
    return {
        "RICORDO_PROFILE": "aws",
        "RICORDO_TABLE": storage.table.table_name,
        "RICORDO_BUCKET": storage.bucket.bucket_name,
        **search.variables,
        "RICORDO_EMBEDDER": "bedrock",
        "RICORDO_EMBEDDER_MODEL": settings.embedder_model,
        "RICORDO_EMBEDDER_DIMENSIONS": str(settings.embedder_dimensions),
        "RICORDO_EXTRACTOR": settings.extractor,
        **{name: value for name, value in chosen.items() if value},
        "RICORDO_INGEST_MACHINE": machine_arn(settings, "ingest"),
        "RICORDO_FORGET_MACHINE": machine_arn(settings, "forget"),
        "RICORDO_EVENT_BUS": settings.prefix,
        "RICORDO_KEY_SECRET_ARN": storage.key_secret.secret_arn,
        "POWERTOOLS_METRICS_NAMESPACE": namespace_of(settings),
    }


def _arns(settings: StageSettings, storage: StorageStack) -> dict[Target, Sequence[str]]:
    """Return what targets stand for, but for search, graph and queues, which their own stacks know."""
    table, bucket = storage.table, storage.bucket
    return {
        Target.TABLE: [table.table_arn],
        Target.KEYS: [table.table_arn],
        Target.INDEXES: [f"{table.table_arn}/index/*"],
        Target.STREAM: [f"{table.table_arn}/stream/*"],
        Target.BODIES: [bucket.arn_for_objects(f"{BODIES}*")],
        Target.IMPORTS: [bucket.arn_for_objects(f"{IMPORTS}*")],
        Target.REFUSALS: [bucket.arn_for_objects(f"{REFUSALS}*")],
        Target.BUCKET: [bucket.bucket_arn],
        Target.RESULTS: [bucket.arn_for_objects(f"{RESULTS}*")],
        Target.INGEST: [machine_arn(settings, "ingest")],
        Target.FORGET: [machine_arn(settings, "forget")],
        Target.BUS: [bus_arn(settings)],
        Target.PEPPER: [storage.key_secret.secret_arn],
        Target.EMBEDDING_MODEL: model_arns(settings.embedder_model),
        Target.EXTRACTION_MODEL: model_arns(settings.extractor_model) if settings.extractor == "bedrock" else [],
    }


def main() -> None:
    """Write the templates of the stage that the context names."""
    app = cdk.App(outdir=None if "CDK_OUTDIR" in os.environ else "cdk.out")
    settings = read_stage(app.node.try_get_context("stage") or DEFAULT_STAGE)
    build(app, settings, built)
    app.synth()


if __name__ == "__main__":
    main()
