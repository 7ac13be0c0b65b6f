/** Tests of figures. */
@NullMarked
package dev.areaflow.api.stats;

import org.jspecify.annotations.NullMarked;
