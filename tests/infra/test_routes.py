"""What the outside reaches, and what the gateway answers by itself."""

import json
import re
from typing import Any

import pytest
from support.policies import environments
from support.templates import ROOT, Synthesized, synthesized

from functions.api.handler import handler
from infra.components.gateway_responses import ANSWERS
from infra.stacks.api import KEY_HEADER
from infra.stacks.workflows import DETAIL_TYPE, SENDERS
from ricordo.domain import errors
from ricordo.domain.api_key import new_token

OPEN_ROUTES = {("GET", "/health")}
PREFLIGHTS = {("OPTIONS", "/health"), ("OPTIONS", "/{proxy+}")}


def _routes(stage: Synthesized) -> dict[tuple[str, str], dict[str, Any]]:
    paths = {}
    for place, resource in stage.properties("AWS::ApiGateway::Resource").items():
        paths[place.split("/")[1]] = f"/{resource['PathPart']}"
    methods = stage.properties("AWS::ApiGateway::Method").values()
    return {(one["HttpMethod"], paths[one["ResourceId"]["Ref"]]): one for one in methods}


def test_only_the_listed_routes_need_no_key(stage: Synthesized) -> None:
    """Everything asks for a key but the health check, and preflights where a web page may call."""
    routes = _routes(stage)
    unauthenticated = {route for route, method in routes.items() if method["AuthorizationType"] == "NONE"}
    assert unauthenticated == OPEN_ROUTES | (PREFLIGHTS if stage.settings.cors_origin else set())
    assert {route for route, method in routes.items() if method["AuthorizationType"] == "CUSTOM"} == {
        ("ANY", "/{proxy+}")
    }


def test_a_revoked_key_lives_as_long_as_the_stage_says(stage: Synthesized) -> None:
    """The gateway trusts a checked key for the stage's time, a minute in all that are shipped."""
    ((_, authorizer),) = stage.properties("AWS::ApiGateway::Authorizer").items()
    assert authorizer["AuthorizerResultTtlInSeconds"] == stage.settings.key_cache_s == 60
    assert authorizer["Type"] == "TOKEN"


@pytest.mark.parametrize("scheme", ["Token", "token", "TOKEN"])
def test_keys_pass_the_gateway_and_other_things_do_not(scheme: str) -> None:
    """What `ricordo.domain.api_key` makes passes; what is no key is refused before a function runs."""
    assert re.match(KEY_HEADER, f"{scheme} {new_token().reveal()}")
    for other in (f"Bearer {new_token().reveal()}", scheme, f"{scheme} secret", new_token().reveal()):
        assert not re.match(KEY_HEADER, other)


def test_the_gateway_answers_as_mem0s_clients_read(stage: Synthesized) -> None:
    """Each answer of its own has `detail` and `code`, with the status of the fault."""
    made = {one["ResponseType"]: one for one in stage.properties("AWS::ApiGateway::GatewayResponse").values()}
    statuses = {name: response.get("StatusCode") for name, response in made.items()}
    assert statuses == {answer.name: answer.status or None for answer in ANSWERS}
    assert (statuses["UNAUTHORIZED"], statuses["ACCESS_DENIED"], statuses["THROTTLED"]) == ("401", "403", "429")
    assert (statuses["AUTHORIZER_FAILURE"], statuses["INTEGRATION_TIMEOUT"]) == ("503", "504")
    for response in made.values():
        body = json.loads(response["ResponseTemplates"]["application/json"])
        assert body["detail"]
        assert body["code"]
    allowed = {
        response["ResponseParameters"].get(_CORS) for response in made.values() if "ResponseParameters" in response
    }
    origin = stage.settings.cors_origin
    assert allowed == ({f"'{origin}'"} if origin else {None})


_CORS = "gatewayresponse.header.Access-Control-Allow-Origin"


def test_answers_may_be_read_where_preflights_allow_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The function tells a browser what the gateway told it before, and nothing where no page may call."""
    told = environments(synthesized("varied"))["api"]["RICORDO_CORS_ORIGIN"]
    event = json.loads((ROOT / "events/api/health.json").read_text("utf-8"))
    assert "Access-Control-Allow-Origin" not in handler(event, None)["multiValueHeaders"]
    monkeypatch.setenv("RICORDO_CORS_ORIGIN", told)
    assert handler(event, None)["multiValueHeaders"]["Access-Control-Allow-Origin"] == ["https://app.example.com"]


def test_codes_are_the_apis_own() -> None:
    """Where the API has a code for the same thing, the gateway uses it."""
    codes = {kind.code for kind in vars(errors).values() if isinstance(kind, type) and hasattr(kind, "code")}
    assert {answer.code for answer in ANSWERS} - codes == {"timeout", "too_many_requests"}


def test_logs_of_the_gateway_hold_no_secrets(stage: Synthesized) -> None:
    """The access log has patterns of paths, no queries, no headers; execution logs, which quote bodies, are off."""
    ((_, deployed),) = stage.properties("AWS::ApiGateway::Stage").items()
    written = deployed["AccessLogSetting"]["Format"]
    variables = set(re.findall(r"\$context\.[\w.]+", written))
    assert not [
        one
        for one in variables
        if re.search(r"path$|query|header|token|body|identity\.(user|apiKey)", one, re.IGNORECASE)
        and one != "$context.resourcePath"
    ]
    (settings,) = deployed["MethodSettings"]
    assert settings["LoggingLevel"] == "OFF"
    assert settings["DataTraceEnabled"] is False
    assert settings["ThrottlingRateLimit"] == stage.settings.requests_per_s
    assert deployed["TracingEnabled"]


def test_the_firewall_lets_conversations_pass() -> None:
    """In production rules about bodies count only, and neither keys nor queries reach its log."""
    prod = synthesized("prod")
    ((_, acl),) = prod.properties("AWS::WAFv2::WebACL").items()
    managed = [rule["Statement"].get("ManagedRuleGroupStatement", {}) for rule in acl["Rules"]]
    counted = [one for group in managed for one in group.get("RuleActionOverrides", ())]
    assert {"SizeRestrictions_BODY", "CrossSiteScripting_BODY"} <= {one["Name"] for one in counted}
    assert all(one["ActionToUse"] == {"Count": {}} for one in counted)
    assert not any(rule["VisibilityConfig"]["SampledRequestsEnabled"] for rule in acl["Rules"])
    ((_, logging),) = prod.properties("AWS::WAFv2::LoggingConfiguration").items()
    assert logging["RedactedFields"] == [{"SingleHeader": {"Name": "authorization"}}, {"QueryString": {}}]
    assert all(name.startswith("aws-waf-logs-") for name in _waf_groups(prod))


def _waf_groups(stage: Synthesized) -> list[str]:
    groups = stage.properties("AWS::Logs::LogGroup").items()
    return [group["LogGroupName"] for name, group in groups if "Firewall" in name]


def test_a_name_of_its_own_is_optional() -> None:
    """With a domain name the API answers there, and the stage says where the name must lead."""
    varied = synthesized("varied")
    ((_, domain),) = varied.properties("AWS::ApiGateway::DomainName").items()
    assert (domain["DomainName"], domain["SecurityPolicy"]) == ("memory.example.com", "TLS_1_2")
    assert varied.templates["api"]["Outputs"]["Url"]["Value"] == "https://memory.example.com"
    assert "DomainTarget" in varied.templates["api"]["Outputs"]
    assert not synthesized("prod").properties("AWS::ApiGateway::DomainName")


def test_events_and_files_are_taken_once_they_are_ours(stage: Synthesized) -> None:
    """The bus hands on adds of clients, the bucket dropped files; what cannot be delivered is kept."""
    rules = stage.properties("AWS::Events::Rule")
    added = next(rule for name, rule in rules.items() if "AddRequested" in name)
    assert added["EventPattern"] == {"source": [{"prefix": SENDERS}], "detail-type": [DETAIL_TYPE]}
    dropped = next(rule for name, rule in rules.items() if "FileDropped" in name)
    assert dropped["EventPattern"]["detail"]["object"] == {"key": [{"prefix": "imports/"}]}
    assert all("DeadLetterConfig" in target for rule in rules.values() for target in rule["Targets"])


def test_the_bucket_tells_of_files(stage: Synthesized) -> None:
    """Without this no rule would ever see a dropped file."""
    ((_, bucket),) = stage.properties("AWS::S3::Bucket").items()
    assert bucket["NotificationConfiguration"] == {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}


def test_the_stream_is_followed_without_end(stage: Synthesized) -> None:
    """Consumers get changes of memories only; a record that cannot be done is given up, told, and blocks nothing."""
    mappings = stage.properties("AWS::Lambda::EventSourceMapping").values()
    assert len(mappings) == 1 + stage.settings.graph.enabled
    for mapping in mappings:
        assert mapping["BisectBatchOnFunctionError"]
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert mapping["DestinationConfig"]["OnFailure"]["Destination"]
        assert 0 < mapping["MaximumRetryAttempts"] <= 100
        assert 0 < mapping["MaximumRecordAgeInSeconds"] < 24 * 3600  # the stream keeps a day
        patterns = [json.loads(one["Pattern"]) for one in mapping["FilterCriteria"]["Filters"]]
        assert patterns == [
            {"dynamodb": {"NewImage": {"kind": {"S": ["memory"]}}}},
            {"eventName": ["REMOVE"], "dynamodb": {"OldImage": {"kind": {"S": ["memory"]}}}},
        ]


def test_times_are_spelled_as_the_scheduler_reads_them(stage: Synthesized) -> None:
    """Sweeps come each minute, the consolidation nightly; a cron has six fields."""
    schedules = {name: one["ScheduleExpression"] for name, one in stage.properties("AWS::Scheduler::Schedule").items()}
    assert sorted(schedules.values()) == ["cron(15 3 * * ? *)", "rate(1 minute)", "rate(5 minutes)"]
