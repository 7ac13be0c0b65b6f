@NullMarked
package dev.areaflow.api.topics;

import org.jspecify.annotations.NullMarked;
