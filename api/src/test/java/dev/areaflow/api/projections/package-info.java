@NullMarked
package dev.areaflow.api.projections;

import org.jspecify.annotations.NullMarked;
