package dev.windfall.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.windfall.network.Network;
import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Shape;
import dev.windfall.random.StatelessRandom;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.sparsity.RandomConnectivity;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MaskFileTest {

  private static final Network NETWORK =
      new NetworkBuilder("net", new Shape(2, 6, 6))
          .conv("conv", 4, 3, 1)
          .flatten("flatten")
          .linear("linear", 3)
          .build();
  private static final Connectivity CONV =
      RandomConnectivity.draw(NETWORK.prunable().getFirst(), 30, 1);

  @TempDir Path folder;

  private final SortedMap<String, String> metadata = new TreeMap<>();
  private final SortedMap<String, StoredTensor> tensors = new TreeMap<>();

  MaskFileTest() {
    put("conv.weight", CONV);
    tensors.put("linear.weight.values", new StoredTensor.Floats(List.of(3L, 144L), new float[432]));
    metadata.put("conv.weight.shape", "4,2,3,3");
  }

  private void put(String name, Connectivity connections) {
    long[] rows =
        LongStream.rangeClosed(0, connections.rows())
            .map(row -> connections.rowStart((int) row))
            .toArray();
    int[] columns = new int[(int) connections.count()];
    for (int i = 0; i < columns.length; i++) {
      columns[i] = connections.column(i);
    }
    tensors.put(name + ".rows", new StoredTensor.Longs(List.of((long) rows.length), rows));
    tensors.put(name + ".columns", new StoredTensor.Ints(List.of((long) columns.length), columns));
  }

  private Path write() throws IOException {
    Path file = folder.resolve("mask.safetensors");
    try (OutputStream output = Files.newOutputStream(file)) {
      SafetensorsWriter.write(metadata, tensors, output);
    }
    return file;
  }

  private void refused(String message) throws IOException {
    Path file = write();
    assertThatThrownBy(() -> MaskFile.read(file, NETWORK))
        .isInstanceOf(IOException.class)
        .hasMessage("%s is no mask of net: %s", file, message);
  }

  @Test
  void rowsAndColumnsAreConnectionsAndWholeValuesADenseTensor() throws IOException {
    Map<String, Connectivity> mask = MaskFile.read(write(), NETWORK);
    assertThat(mask.get("conv.weight")).isEqualTo(CONV);
    assertThat(mask.get("linear.weight")).isEqualTo(Connectivity.dense(3, 144));
  }

  @Test
  void aTensorWithoutConnectionsIsNamed() throws IOException {
    tensors.remove("linear.weight.values");
    refused("it has neither the rows and columns of linear.weight nor all its 432 values");
  }

  @Test
  void halfAMaskIsNamed() throws IOException {
    tensors.remove("conv.weight.columns");
    refused("conv.weight needs rows of I64 and columns of I32");
  }

  @Test
  void anotherNetworksTensorIsNamed() throws IOException {
    put("fc.weight", CONV);
    refused("'fc.weight.columns' belongs to no prunable tensor; known: conv.weight linear.weight");
  }

  @Test
  void anotherShapeIsNamed() throws IOException {
    metadata.put("conv.weight.shape", "4,3,3,2");
    refused("conv.weight has the shape 4,3,3,2 in the file, and 4,2,3,3 in the network");
  }

  @Test
  void anEmptyLayerIsRefused() throws IOException {
    put("conv.weight", Connectivity.ofPositions(4, 18, new long[0]));
    refused("conv.weight has no connection; a layer needs at least one");
  }

  @Test
  void columnsOutOfOrderAreRefused() throws IOException {
    tensors.put(
        "conv.weight.rows", new StoredTensor.Longs(List.of(5L), new long[] {0, 2, 2, 2, 2}));
    tensors.put("conv.weight.columns", new StoredTensor.Ints(List.of(2L), new int[] {7, 7}));
    refused("conv.weight: connectivity: row 0 has column 7 after 7; columns ascend from 0 to 17");
  }

  @Test
  void anyDamageIsAClearErrorOrAValidMask() throws IOException {
    byte[] whole = Files.readAllBytes(write());
    Path file = folder.resolve("damaged.safetensors");
    StatelessRandom random = StatelessRandom.of(1, "damaged masks");
    int refused = 0;
    for (int round = 0; round < 2000; round++) {
      byte[] bytes = whole.clone();
      for (int change = 0; change <= random.nextInt(3); change++) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      int length = random.nextInt(4) == 0 ? random.nextInt(bytes.length) : bytes.length;
      Files.write(file, Arrays.copyOf(bytes, length));
      try {
        Map<String, Connectivity> mask = MaskFile.read(file, NETWORK);
        assertThat(mask.values()).hasSize(2).allMatch(connections -> connections.count() > 0);
      } catch (IOException e) {
        assertThat(e).message().contains("damaged.safetensors").doesNotContain("\n");
        refused++;
      }
    }
    assertThat(refused).isBetween(200, 1999);
  }
}
