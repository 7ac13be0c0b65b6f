/** The worker that carries polls out: requests to third parties, without state. */
@NullMarked
package dev.areaflow.ingest.polls;

import org.jspecify.annotations.NullMarked;
