/** Figures of what came and what became of it, by the hour and by the day. */
@NullMarked
package dev.areaflow.api.stats;

import org.jspecify.annotations.NullMarked;
