/** Events over HTTP. */
@NullMarked
package dev.areaflow.api.events;

import org.jspecify.annotations.NullMarked;
