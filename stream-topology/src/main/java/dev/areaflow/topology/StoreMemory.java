package dev.areaflow.topology;

import java.util.Map;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBufferManager;

/**
 * The memory that all stores of an instance share; by default each store, and each bucket of each
 * windowed store, would take its own. Made before the stores, closed after them.
 */
final class StoreMemory implements AutoCloseable {
  private static final String PROPERTY = "areaflow.store-memory";
  private static final long MEBIBYTE = 1024 * 1024;

  /** As many as RocksDB thinks fit. */
  private static final int SHARDS = -1;

  /**
   * The part in which rows do not crowd out indexes and filters: without them, each look for a key
   * that is not there would read from the disk.
   */
  private static final double INDEXES = 0.5;

  private final Cache blocks;
  private final WriteBufferManager writes;

  StoreMemory(int mebibytes) {
    RocksDB.loadLibrary(); // nothing else has touched it yet
    this.blocks = new LRUCache(mebibytes * MEBIBYTE, SHARDS, false, INDEXES);
    this.writes = new WriteBufferManager(mebibytes * MEBIBYTE / 2, blocks);
  }

  /** Makes the stores of an application use it. */
  void configure(Map<String, Object> properties) {
    properties.put(PROPERTY, this);
    properties.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, Setter.class);
  }

  @Override
  public void close() {
    writes.close();
    blocks.close();
  }

  /** Found by its class; it finds the memory among the application's properties. */
  public static final class Setter implements RocksDBConfigSetter {
    @Override
    public void setConfig(String store, Options options, Map<String, Object> properties) {
      if (!(properties.get(PROPERTY) instanceof StoreMemory memory)) {
        throw new IllegalStateException("expected the stores' memory under " + PROPERTY);
      }
      BlockBasedTableConfig table = (BlockBasedTableConfig) options.tableFormatConfig();
      table.setBlockCache(memory.blocks).setCacheIndexAndFilterBlocks(true);
      options.setTableFormatConfig(table).setWriteBufferManager(memory.writes);
    }

    @Override
    public void close(String store, Options options) {
      // what it set belongs to the memory, which outlives the store
    }
  }
}
