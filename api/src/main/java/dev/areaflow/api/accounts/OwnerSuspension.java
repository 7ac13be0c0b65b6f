package dev.areaflow.api.accounts;

import dev.areaflow.api.http.Actor;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** What must happen to the things of a user who is disabled or enabled again. */
@FunctionalInterface
public interface OwnerSuspension {

  /**
   * Called once for each change, within its transaction.
   *
   * @param handle of that transaction
   * @param ownerId the user
   * @param suspended whether the user is disabled from now on
   * @param by who did it
   */
  void apply(Handle handle, UUID ownerId, boolean suspended, Actor by);
}
