/** YAML files as JSON that remembers where everything stands. */
@NullMarked
package dev.areaflow.catalog.yaml;

import org.jspecify.annotations.NullMarked;
