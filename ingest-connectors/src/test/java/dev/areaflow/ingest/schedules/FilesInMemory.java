package dev.areaflow.ingest.schedules;

import java.util.Map;
import java.util.Properties;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.Env;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksMemEnv;

/**
 * The files of the stores, without a disk, for which tests that open stores by the hundred would
 * wait. Made before the stores, closed after them.
 */
final class FilesInMemory implements AutoCloseable {
  private static final String PROPERTY = "areaflow.store-files";

  static {
    RocksDB.loadLibrary(); // nothing else has touched it yet
  }

  private final Env files = new RocksMemEnv(Env.getDefault());

  /** Makes the stores of an application use them. */
  void configure(Properties properties) {
    properties.put(PROPERTY, this);
    properties.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, Setter.class);
  }

  @Override
  public void close() {
    files.close();
  }

  /** Found by its class. */
  public static final class Setter implements RocksDBConfigSetter {
    @Override
    public void setConfig(String store, Options options, Map<String, Object> properties) {
      if (!(properties.get(PROPERTY) instanceof FilesInMemory all)) {
        throw new IllegalStateException("expected the stores' files under " + PROPERTY);
      }
      options.setEnv(all.files);
    }

    @Override
    public void close(String store, Options options) {
      // the files outlive the store
    }
  }
}
