/** Identity of runs. */
@NullMarked
package dev.areaflow.schemas.runs;

import org.jspecify.annotations.NullMarked;
