@NullMarked
package dev.areaflow.ingest.requests;

import org.jspecify.annotations.NullMarked;
