/** When clocks fire: cron expressions, intervals and single instants. */
@NullMarked
package dev.areaflow.catalog.clock;

import org.jspecify.annotations.NullMarked;
