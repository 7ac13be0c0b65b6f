/** Tests of the package. */
@NullMarked
package dev.areaflow.ingest.schedules;

import org.jspecify.annotations.NullMarked;
