/** The run log as people read it. */
@NullMarked
package dev.areaflow.api.runs;

import org.jspecify.annotations.NullMarked;
