@NullMarked
package dev.areaflow.api.connections;

import org.jspecify.annotations.NullMarked;
