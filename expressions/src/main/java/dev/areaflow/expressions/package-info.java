/** Conditions and templates over events: CEL, bounded in every direction. */
@NullMarked
package dev.areaflow.expressions;

import org.jspecify.annotations.NullMarked;
