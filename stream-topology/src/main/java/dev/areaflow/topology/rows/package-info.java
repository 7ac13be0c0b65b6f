/** How the stores' keys and values are written: compact, ordered where scanned, open at the end. */
@NullMarked
package dev.areaflow.topology.rows;

import org.jspecify.annotations.NullMarked;
