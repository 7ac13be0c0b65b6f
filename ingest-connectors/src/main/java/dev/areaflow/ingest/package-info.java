/** The ingest role: what happens outside becomes events. */
@NullMarked
package dev.areaflow.ingest;

import org.jspecify.annotations.NullMarked;
