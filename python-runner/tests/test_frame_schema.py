"""The frames' schema of the installed pipecat is the one the daemon's was compared with."""

from pathlib import Path

import pipecat.frames.protobufs.frames_pb2 as pb

SCHEMA = Path(__file__).parents[2] / "vectors" / "frames" / "pipecat-schema.desc"


def test_the_committed_schema_is_the_installed_pipecats() -> None:
    """A test of adapter-pipecat-ws holds the daemon's ``frames.proto`` to the same file.

    After an upgrade that changes it, write ``pb.DESCRIPTOR.serialized_pb`` to the file and run that test.
    """
    assert SCHEMA.read_bytes() == pb.DESCRIPTOR.serialized_pb
