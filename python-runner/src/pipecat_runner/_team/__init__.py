"""Several assistants for one call, of which one at a time has it.

``roster`` is who they are, ``understudies`` their services in the seats of the pipeline, ``handover`` how the call goes
from one to the next, ``notice`` how the daemon is told.
"""
