@NullMarked
package dev.areaflow.api.runs;

import org.jspecify.annotations.NullMarked;
