"""The engines start, do what the adapters need of them, and leave nothing behind."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from gremlin_python.driver.driver_remote_connection import DriverRemoteConnection
from gremlin_python.driver.protocol import GremlinServerError
from gremlin_python.process.anonymous_traversal import traversal
from gremlin_python.process.graph_traversal import GraphTraversalSource
from gremlin_python.process.traversal import T
from opensearchpy import OpenSearch

from engines import Engine, dynamodb_local, gremlin_server, lifecycle, object_storage, opensearch_node
from engines.lifecycle import LOOPBACK, accepts_connections, free_port

pytestmark = pytest.mark.engines

STARTERS = [dynamodb_local, gremlin_server, object_storage, opensearch_node]
Starter = Callable[..., AbstractContextManager[Engine]]
OTHER_LOOPBACK = "127.0.0.2"  # what listens on every interface answers here as well


@pytest.mark.parametrize("start", STARTERS)
def test_it_listens_on_one_address_until_it_is_stopped(start: Starter) -> None:
    """GIVEN a running engine WHEN the block ends THEN its port, on 127.0.0.1 alone until then, is free."""
    port = free_port()
    with start(port=port) as engine:
        assert engine.port == port
        assert accepts_connections(port)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((OTHER_LOOPBACK, port), timeout=5)
    assert not accepts_connections(port)
    assert not engine.log.parent.exists()


@pytest.mark.parametrize("start", STARTERS)
def test_it_ends_with_the_process_that_started_it(start: Starter, tmp_path: Path) -> None:
    """GIVEN an engine WHEN its parent is killed, so that no code of it runs any more, THEN the engine ends."""
    program = f"import engines, time\nwith engines.{start.__name__}() as e: print(e.port, flush=True); time.sleep(600)"
    parent = [sys.executable, "-c", program]
    with subprocess.Popen(parent, stdout=subprocess.PIPE, env={**os.environ, "TMPDIR": str(tmp_path)}) as runner:
        assert runner.stdout is not None
        port = int(runner.stdout.readline())
        runner.kill()
    assert eventually(lambda: not accepts_connections(port))


@pytest.mark.parametrize("start", STARTERS)
def test_it_moves_on_when_somebody_takes_its_port(start: Starter, monkeypatch: pytest.MonkeyPatch) -> None:
    """GIVEN a port that is taken just before the engine listens WHEN it starts THEN it is on another."""
    with socket.create_server((LOOPBACK, 0)) as somebody:
        taken = int(somebody.getsockname()[1])
        ports = [free_port(), taken]
        monkeypatch.setattr(lifecycle, "free_port", ports.pop)
        with start() as engine:
            assert engine.port != taken
            assert ports == []


@pytest.mark.parametrize("end", [Engine.stop, Engine.kill])
def test_tables_outlive_dynamodb(end: Callable[[Engine], None], tmp_path: Path) -> None:
    """GIVEN a table in a folder WHEN DynamoDB Local is started again, however it ended, THEN the item is there."""
    with dynamodb_local(tmp_path) as engine, closing(client("dynamodb", engine)) as dynamodb:
        key: dict[str, Any] = {"id": {"S": "1"}}
        create_table(dynamodb)
        dynamodb.put_item(TableName="kept", Item=key)
        end(engine)
        assert not accepts_connections(engine.port)
        engine.restart()
        assert dynamodb.get_item(TableName="kept", Key=key)["Item"] == key


def test_dynamodb_streams_changes() -> None:
    """GIVEN a table with a stream WHEN an item is put THEN the same endpoint streams both images."""
    with (
        dynamodb_local() as engine,
        closing(client("dynamodb", engine)) as dynamodb,
        closing(client("dynamodbstreams", engine)) as streams,
    ):
        create_table(dynamodb)
        dynamodb.put_item(TableName="kept", Item={"id": {"S": "1"}})
        (stream,) = streams.list_streams(TableName="kept")["Streams"]
        (shard,) = streams.describe_stream(StreamArn=stream["StreamArn"])["StreamDescription"]["Shards"]
        first = streams.get_shard_iterator(
            StreamArn=stream["StreamArn"], ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )
        records = streams.get_records(ShardIterator=first["ShardIterator"])["Records"]
        assert [record["dynamodb"]["NewImage"] for record in records] == [{"id": {"S": "1"}}]


def test_indexes_outlive_opensearch(tmp_path: Path) -> None:
    """GIVEN an index in a folder WHEN the node is killed and started again THEN k-NN finds the document."""
    with opensearch_node(tmp_path) as engine, closing(OpenSearch(engine.url)) as opensearch:
        create_index(opensearch, "kept", "faiss")
        opensearch.index(index="kept", id="1", body={"vector": [1, 0]})
        engine.kill()
        engine.restart()
        nearest = {"size": 1, "query": {"knn": {"vector": {"vector": [1, 0], "k": 1}}}}
        opensearch.indices.refresh(index="kept")
        assert [hit["_id"] for hit in opensearch.search(index="kept", body=nearest)["hits"]["hits"]] == ["1"]


def test_opensearch_builds_graphs_for_lucene_only(tmp_path: Path) -> None:
    """GIVEN 1,000 vectors WHEN they are on disk THEN Lucene has graphs for them and Faiss, whose are native, none."""
    with opensearch_node(tmp_path) as engine, closing(OpenSearch(engine.url)) as opensearch:
        sizes = {}
        for method in ("lucene", "faiss"):
            create_index(opensearch, method, method)
            lines: list[dict[str, Any]] = []
            for number in range(1000):
                lines += [{"index": {}}, {"vector": [number % 32, number // 32]}]
            assert not opensearch.bulk(body=lines, index=method)["errors"]
            opensearch.indices.flush(index=method, force=True)
            index_id = opensearch.indices.get_settings(index=method)[method]["settings"]["index"]["uuid"]
            sizes[method] = sum(file.stat().st_size for file in tmp_path.rglob(f"{index_id}/**/*.vex"))
        assert sizes["lucene"] > 1_000
        assert sizes["faiss"] == 0


def test_a_graph_outlives_its_server_if_stopped(tmp_path: Path) -> None:
    """GIVEN a graph in a folder WHEN the server is stopped and started again THEN the vertex is there."""
    with gremlin_server(tmp_path) as engine:
        with walk(engine) as g:
            g.add_v("kept").property(T.id, "1").iterate()
        engine.stop()
        assert not accepts_connections(engine.port)
        engine.restart()
        with walk(engine) as g:
            assert g.V().id_().to_list() == ["1"]


def test_a_failing_traversal_leaves_nothing() -> None:
    """GIVEN the usual graph WHEN a traversal fails half way THEN what it wrote before is taken back."""
    with gremlin_server() as engine, walk(engine) as g:
        with pytest.raises(GremlinServerError):
            g.add_v("kept").property(T.id, "1").add_v("kept").property(T.id, "1").iterate()
        assert g.V().count().next() == 0


def test_the_strict_graph_takes_strings_only_as_ids() -> None:
    """GIVEN the other graph WHEN a vertex comes with a number as its id THEN it is refused, as on Neptune."""
    with gremlin_server(graph="TinkerGraph") as engine, walk(engine) as g, pytest.raises(GremlinServerError):
        g.add_v("kept").property(T.id, 1).iterate()


def test_buckets_and_queues_share_an_endpoint() -> None:
    """GIVEN the object storage WHEN it is asked for a bucket and for a queue THEN it has both."""
    with object_storage() as engine, closing(client("s3", engine)) as s3, closing(client("sqs", engine)) as sqs:
        s3.create_bucket(Bucket="kept", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        s3.put_object(Bucket="kept", Key="a", Body=b"text")
        assert s3.get_object(Bucket="kept", Key="a")["Body"].read() == b"text"
        queue = sqs.create_queue(QueueName="kept")["QueueUrl"]
        sqs.send_message(QueueUrl=queue, MessageBody="text")
        assert [message["Body"] for message in sqs.receive_message(QueueUrl=queue)["Messages"]] == ["text"]


def eventually(holds: Callable[[], bool], limit_s: float = 20) -> bool:
    """Wait until something holds, or long enough."""
    deadline = time.monotonic() + limit_s
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def client(service: str, engine: Engine) -> Any:
    """Build an AWS client for an engine."""
    return boto3.client(
        service,
        endpoint_url=engine.url,
        region_name="eu-central-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def create_table(dynamodb: Any) -> None:
    """Create the table `kept` with a stream."""
    dynamodb.create_table(
        TableName="kept",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )


def create_index(opensearch: OpenSearch, name: str, engine: str) -> None:
    """Create an index of small vectors whose files can be told apart."""
    method = {"name": "hnsw", "engine": engine, "space_type": "l2"}
    settings = {"knn": True, "number_of_shards": 1, "number_of_replicas": 0, "use_compound_file": False}
    settings["refresh_interval"] = -1  # one segment: graphs are built from about a thousand vectors on
    mapping = {"properties": {"vector": {"type": "knn_vector", "dimension": 2, "method": method}}}
    opensearch.indices.create(index=name, body={"settings": {"index": settings}, "mappings": mapping})


@contextmanager
def walk(engine: Engine) -> Iterator[GraphTraversalSource]:
    """Open a traversal source over a connection of its own."""
    with closing(DriverRemoteConnection(engine.url, "g")) as connection:
        yield traversal().with_remote(connection)
