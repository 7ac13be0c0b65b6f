/** Tests of the package. */
@NullMarked
package dev.areaflow.ingest;

import org.jspecify.annotations.NullMarked;
