/** Webhooks that the platform sets up at services, keeps and removes. */
@NullMarked
package dev.areaflow.api.subscriptions;

import org.jspecify.annotations.NullMarked;
