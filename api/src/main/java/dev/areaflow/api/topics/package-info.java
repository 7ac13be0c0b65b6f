/** How the api role reaches topics: it makes those that are missing, and else only reads. */
@NullMarked
package dev.areaflow.api.topics;

import org.jspecify.annotations.NullMarked;
