/** What AREAs of several actions need beside others: the way to their home, and the time there. */
@NullMarked
package dev.areaflow.topology.forwarding;

import org.jspecify.annotations.NullMarked;
