package dev.areaflow.api.areas;

import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** What accounts a user has connected. Safe for several threads. */
@FunctionalInterface
public interface OwnedConnections {
  /** What an owner's definitions may name, as it stands now. */
  ConnectionNames names(Handle handle, UUID owner);
}
