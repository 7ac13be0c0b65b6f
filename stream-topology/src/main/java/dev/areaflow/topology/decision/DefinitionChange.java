package dev.areaflow.topology.decision;

import dev.areaflow.topology.rows.HomeKey;
import dev.areaflow.topology.rows.RowReader;
import dev.areaflow.topology.rows.RowWriter;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/** What a home has to learn about an AREA. */
public sealed interface DefinitionChange {
  /** Of the values on their way between the sub-topologies. */
  Serde<DefinitionChange> SERDE = Serdes.serdeFrom((topic, c) -> write(c), (topic, b) -> read(b));

  /** The AREA and its home. */
  HomeKey key();

  /** The version that brought the change. */
  long version();

  /** The AREA is here, in this version. */
  record Put(Definition definition) implements DefinitionChange {
    @Override
    public HomeKey key() {
      return new HomeKey(definition.subject().home(), definition.subject().areaId());
    }

    @Override
    public long version() {
      return definition.subject().version();
    }
  }

  /** The AREA is not here, since this version. */
  record Remove(String home, String areaId, long version) implements DefinitionChange {
    @Override
    public HomeKey key() {
      return new HomeKey(home, areaId);
    }
  }

  private static byte[] write(DefinitionChange change) {
    return switch (change) {
      case Put(var definition) ->
          new RowWriter(1).bytes(Definition.SERDE.serializer().serialize("", definition)).toBytes();
      case Remove(var home, var areaId, var version) ->
          new RowWriter(2).text(home).text(areaId).number(version).toBytes();
    };
  }

  private static DefinitionChange read(byte[] bytes) {
    if (bytes.length > 0 && bytes[0] == 2) {
      RowReader row = new RowReader(bytes, 2);
      return new Remove(row.text(), row.text(), row.number());
    }
    var definition = new RowReader(bytes, 1).bytes();
    byte[] row = new byte[definition.remaining()];
    definition.get(row);
    return new Put(Definition.SERDE.deserializer().deserialize("", row));
  }
}
