/** Carries commands out against third parties and reports what became of them. */
@NullMarked
package dev.areaflow.executors;

import org.jspecify.annotations.NullMarked;
