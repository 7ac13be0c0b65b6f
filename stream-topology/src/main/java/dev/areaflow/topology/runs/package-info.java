/** The life of a run: its steps, their attempts, what each outcome and each passed time changes. */
@NullMarked
package dev.areaflow.topology.runs;

import org.jspecify.annotations.NullMarked;
