"""What a client of any language may declare beside the daemon: exactly the documented flags, or 406."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from support.contract import HOST, Contract
from support.rabbit import EVENTS, SHARED_QUEUE, host_queue

SHARED = {"durable": True, "auto_delete": False, "exclusive": False, "arguments": None}
OWN = {"durable": False, "auto_delete": True, "exclusive": False, "arguments": {"x-expires": 1_800_000}}
FANOUT = {"exchange_type": "fanout", "durable": True, "auto_delete": False, "internal": False}


@contextmanager
def channel_of(contract: Contract) -> Iterator[BlockingChannel]:
    url = contract.platform.services.environment["PIPECAT_AMQP_URL"]
    connection = pika.BlockingConnection(pika.URLParameters(url))
    yield connection.channel()
    connection.close()


def refused(contract: Contract, declare: Callable[[BlockingChannel], Any]) -> None:
    with channel_of(contract) as channel, pytest.raises(pika.exceptions.ChannelClosedByBroker) as error:
        declare(channel)
    assert error.value.reply_code == 406


@pytest.mark.parametrize(("name", "flags"), [(SHARED_QUEUE, SHARED), (host_queue(HOST), OWN)], ids=["shared", "host"])
def test_a_queue_has_the_documented_flags(contract: Contract, name: str, flags: dict[str, Any]) -> None:
    with channel_of(contract) as channel:
        assert channel.queue_declare(name, passive=True).method.consumer_count >= 1
        assert channel.queue_declare(name, **flags).method.queue == name
    for other in (
        {"durable": not flags["durable"]},
        {"auto_delete": not flags["auto_delete"]},
        {"arguments": {"x-expires": 1_800_001}},
        {"arguments": None if flags["arguments"] else {"x-expires": 1_800_000}},
    ):
        refused(contract, lambda channel, o=other: channel.queue_declare(name, **{**flags, **o}))


def test_the_exchange_of_events_has_the_documented_flags(contract: Contract) -> None:
    with channel_of(contract) as channel:
        channel.exchange_declare(EVENTS, passive=True)
        channel.exchange_declare(EVENTS, **FANOUT)
    for other in ({"exchange_type": "topic"}, {"durable": False}, {"auto_delete": True}, {"internal": True}):
        refused(contract, lambda channel, o=other: channel.exchange_declare(EVENTS, **{**FANOUT, **o}))
