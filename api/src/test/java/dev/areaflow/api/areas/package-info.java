@NullMarked
package dev.areaflow.api.areas;

import org.jspecify.annotations.NullMarked;
