"""The daemon's side of a call: one WebSocket, and what is known about the audio sent over it.

``session`` is the socket, ``input`` and ``output`` are its two pipecat transports. ``ledger``, ``held``, ``speech``,
``voiced`` and ``words`` are plain data structures without pipecat or asyncio in them.
"""
