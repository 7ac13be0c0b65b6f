package dev.areaflow.topology.rows;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class RowReaderTest {
  @Test
  void fieldsThatAnOlderProgramDidNotKnowHaveTheirDefaults() {
    // given
    byte[] row = new RowWriter(1).text("a").bool(true).toBytes();

    // when
    RowReader read = new RowReader(row, 1);

    // then
    assertThat(read.text()).isEqualTo("a");
    assertThat(read.bool()).isTrue();
    assertThat(read.bool()).isFalse();
    assertThat(read.number()).isZero();
    assertThat(read.text()).isEmpty();
    assertThat(read.optionalText()).isNull();
    assertThat(read.optionalNumber()).isNull();
    assertThat(read.bytes().remaining()).isZero();
    assertThat(read.rows(RowReader::number)).isEmpty();
  }

  @Test
  void nestedRowsOfAnOlderProgramEndWhereTheyEnded() {
    // given
    byte[] row =
        new RowWriter(1).rows(List.of("a", "b"), (text, item) -> item.text(text)).toBytes();

    // when
    List<String> read =
        new RowReader(row, 1).rows(item -> item.text() + item.number() + item.optionalText());

    // then
    assertThat(read).containsExactly("a0null", "b0null");
  }
}
