/** Past events that an AREA decides on again. */
@NullMarked
package dev.areaflow.api.replays;

import org.jspecify.annotations.NullMarked;
