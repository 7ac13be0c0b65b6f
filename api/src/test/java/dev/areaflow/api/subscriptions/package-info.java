@NullMarked
package dev.areaflow.api.subscriptions;

import org.jspecify.annotations.NullMarked;
