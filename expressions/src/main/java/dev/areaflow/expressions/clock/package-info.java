/** When clocks fire: cron expressions, intervals and single instants. */
@NullMarked
package dev.areaflow.expressions.clock;

import org.jspecify.annotations.NullMarked;
