/** Hooks: subscriptions to actions, with their addresses and secrets. */
@NullMarked
package dev.areaflow.api.hooks;

import org.jspecify.annotations.NullMarked;
