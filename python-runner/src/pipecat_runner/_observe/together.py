"""Several observers as one: pipecat gives each of its own a queue and a task, through which every frame goes."""

from __future__ import annotations

from pipecat.observers.base_observer import BaseObserver, FramePushed


class Together(BaseObserver):
    """Tells each of its observers of a frame's first push, in their order."""

    def __init__(self, *observers: BaseObserver) -> None:
        """Stand for these; each must be content with first pushes."""
        super().__init__(observe_every_push=False)
        self._observers = observers

    async def on_push_frame(self, data: FramePushed) -> None:
        """Pass it on."""
        for observer in self._observers:
            await observer.on_push_frame(data)
