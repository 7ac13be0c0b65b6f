@NullMarked
package dev.areaflow.api.replays;

import org.jspecify.annotations.NullMarked;
