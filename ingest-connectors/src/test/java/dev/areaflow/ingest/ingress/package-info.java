/** Tests of the package. */
@NullMarked
package dev.areaflow.ingest.ingress;

import org.jspecify.annotations.NullMarked;
