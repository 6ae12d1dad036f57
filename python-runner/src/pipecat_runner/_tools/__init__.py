"""The functions a language model may call.

``functions`` is what one assistant may call; ``desk`` is the place in the pipeline, behind the model, where the calls
of a conversation are watched over; ``order`` keeps their messages in a form that models accept. ``schema``, ``names``,
``results`` and ``tones`` are pure.
"""
