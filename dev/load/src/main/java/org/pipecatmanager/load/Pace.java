package org.pipecatmanager.load;

/**
 * How runners speak.
 *
 * @param chunkMillis length of what is sent at once, a multiple of 20
 * @param leadMillis  how far ahead of real time where somebody plays it out
 */
record Pace(int chunkMillis, int leadMillis) {
    private static final int FRAME_MILLIS = 20;

    Pace {
        if (chunkMillis < FRAME_MILLIS || chunkMillis % FRAME_MILLIS != 0 || chunkMillis > 200) {
            throw new IllegalArgumentException("the chunk size is " + chunkMillis
                    + " ms; give a multiple of 20 up to 200, such as 20 (what python-runner sends) or 40");
        }
    }

    int frames() {
        return chunkMillis / FRAME_MILLIS;
    }
}
