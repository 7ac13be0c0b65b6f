/** What people ask of records that Kafka keeps: events run again, dead letters written again. */
@NullMarked
package dev.areaflow.ingest.requests;

import org.jspecify.annotations.NullMarked;
