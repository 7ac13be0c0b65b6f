/** The catalogue of topics: names, keys, values, settings, and how values are written. */
@NullMarked
package dev.areaflow.schemas.topics;

import org.jspecify.annotations.NullMarked;
