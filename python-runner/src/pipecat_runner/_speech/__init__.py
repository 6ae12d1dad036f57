"""Speech recognition and synthesis on this machine (the extra ``offline``)."""
