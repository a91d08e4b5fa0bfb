"""A server that is compatible with S3, and buckets in it."""

from collections.abc import Iterator
from contextlib import contextmanager

import boto3
from moto.server import ThreadedMotoServer

from core.types import new_id

ACCESS, SECRET, REGION = "key", "secret", "us-east-1"


@contextmanager
def s3_server() -> Iterator[str]:
    """Yield the address of a server that runs meanwhile."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def new_bucket(endpoint: str, **others: bytes) -> str:
    """Make a bucket with objects of ``others``; return its name."""
    name = new_id()
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=ACCESS,
        aws_secret_access_key=SECRET,
    )
    client.create_bucket(Bucket=name)
    for key, content in others.items():
        client.put_object(Bucket=name, Key=key, Body=content)
    client.close()
    return name
