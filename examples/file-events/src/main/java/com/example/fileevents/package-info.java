/** An adapter of one's own: {@link com.example.fileevents.FileEvents} tells a file what happens in calls. */
@NullMarked
package com.example.fileevents;

import org.jspecify.annotations.NullMarked;
