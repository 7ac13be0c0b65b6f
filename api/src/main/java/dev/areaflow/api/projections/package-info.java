/** Topics become tables: the run log, the status of AREAs, the counts of hooks. */
@NullMarked
package dev.areaflow.api.projections;

import org.jspecify.annotations.NullMarked;
