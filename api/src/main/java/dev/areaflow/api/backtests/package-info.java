/** Backtests as they are asked for over HTTP. */
@NullMarked
package dev.areaflow.api.backtests;

import org.jspecify.annotations.NullMarked;
