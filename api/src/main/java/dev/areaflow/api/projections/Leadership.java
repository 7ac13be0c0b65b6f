package dev.areaflow.api.projections;

import dev.areaflow.api.database.Database;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/**
 * The right to project, held by one instance at a time: a lock of PostgreSQL that ends with its
 * connection, so that it is free at once when its holder dies. Who holds it by mistake still writes
 * nothing twice: {@link Offsets} sees to that.
 */
final class Leadership implements AutoCloseable {
  private static final long LOCK = 0x6172_6561_666c_6f77L;

  private final Handle handle;

  private Leadership(Handle handle) {
    this.handle = handle;
  }

  /** Asks for it; null where another instance has it. */
  static @Nullable Leadership ask(Database database) {
    Handle handle = database.jdbi().open();
    boolean granted = false;
    try {
      granted =
          handle
              .createQuery("SELECT pg_try_advisory_lock(:lock)")
              .bind("lock", LOCK)
              .mapTo(Boolean.class)
              .one();
    } finally {
      if (!granted) {
        handle.close();
      }
    }
    return granted ? new Leadership(handle) : null;
  }

  /** Whether it is still held. */
  boolean lasts() {
    try {
      return handle.createQuery("SELECT 1").mapTo(Integer.class).one() == 1;
    } catch (JdbiException e) {
      return false;
    }
  }

  /** Gives it up. */
  @Override
  public void close() {
    try {
      handle.execute("SELECT pg_advisory_unlock(?)", LOCK);
    } catch (JdbiException e) {
      // the connection is gone, and the lock with it
    } finally {
      handle.close();
    }
  }
}
