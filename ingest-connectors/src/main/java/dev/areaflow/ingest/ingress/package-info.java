/** Deliveries over HTTP: found, verified, bounded, kept by Kafka, answered. */
@NullMarked
package dev.areaflow.ingest.ingress;

import org.jspecify.annotations.NullMarked;
