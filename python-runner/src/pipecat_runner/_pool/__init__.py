"""Many calls on one machine: a small parent that serves HTTP, and worker processes that carry the calls.

The parent imports neither pipecat nor numpy. A worker runs the application of ``_app`` and meets the parent on one
socket pair (``channel``): requests one way; answers, ends of calls and reports about itself the other. The audio of a
call goes from its worker straight to the daemon. When the parent ends, by whatever means, its workers end.
"""
