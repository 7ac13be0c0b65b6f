/** Tests of the poll worker. */
@NullMarked
package dev.areaflow.ingest.polls;

import org.jspecify.annotations.NullMarked;
