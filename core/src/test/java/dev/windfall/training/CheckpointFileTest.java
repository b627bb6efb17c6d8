package dev.windfall.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.windfall.engine.Batch;
import dev.windfall.engine.DenseTrace;
import dev.windfall.engine.Growth;
import dev.windfall.engine.Mode;
import dev.windfall.engine.Objective;
import dev.windfall.engine.OptimizerStep;
import dev.windfall.engine.ReferenceEngine;
import dev.windfall.engine.Session;
import dev.windfall.engine.SessionOptions;
import dev.windfall.engine.State;
import dev.windfall.network.Initialization;
import dev.windfall.network.Network;
import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Shape;
import dev.windfall.random.Damage;
import dev.windfall.sparsity.Connectivity;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CheckpointFileTest {

  private static final Network NETWORK =
      new NetworkBuilder("tiny", Shape.features(4))
          .linear("linear1", 5)
          .batchNorm("norm1")
          .relu("relu1")
          .linear("classifier", 3)
          .build();

  private static final Map<String, Connectivity> CONNECTIVITY =
      Map.of(
          "linear1.weight", Connectivity.ofPositions(5, 4, new long[] {1, 2, 6, 13, 16, 19}),
          "classifier.weight", Connectivity.dense(3, 5));

  private static final Batch BATCH =
      new Batch(new float[] {1, 2, 3, 4, 4, 1, 0, -1}, new int[] {0, 2}, new long[] {0, 1}, 2, 0);

  private static final MetricsWindow SUMS = new MetricsWindow(40, 0.1 + 0.2, 7, 3);
  private static final OptimizerStep SGD = new OptimizerStep.Sgd(0.1, 0.9, true, 1e-4, false);
  private static final OptimizerStep ADAM =
      new OptimizerStep.Adam(0.01, 0.9, 0.99, 1e-8, 1e-4, false);

  @TempDir Path folder;
  private Checkpoint checkpoint = checkpoint(3, 1);

  @BeforeEach
  void train() {
    checkpoint = checkpoint(3, 1);
  }

  private static Session open(long seed) {
    return new ReferenceEngine()
        .open(NETWORK, CONNECTIVITY, new SessionOptions(2, 1, seed, Initialization.HE_FAN_IN));
  }

  private static void step(Session session, OptimizerStep optimizer) {
    session.accumulate(
        BATCH,
        new Objective.CrossEntropy(0, Objective.SmoothingOver.ALL),
        Mode.TRAIN,
        0.5,
        Growth.NONE);
    session.apply(optimizer);
  }

  private static Checkpoint checkpoint(int steps, long seed) {
    return checkpoint(steps, seed, SGD);
  }

  private static Checkpoint checkpoint(int steps, long seed, OptimizerStep optimizer) {
    try (Session session = open(seed)) {
      LongStream.range(0, steps).forEach(i -> step(session, optimizer));
      Progress progress = new Progress(steps, 2, 17, 1L << 60, 1L << 50, 0.5, null, 1L);
      return Checkpoint.of(
          NETWORK, progress, SUMS, LayerHistory.NONE, WeightAverage.NONE, session.snapshot());
    }
  }

  @Test
  void whatIsReadIsWhatWasWritten() throws IOException {
    Checkpoint read = CheckpointFile.read(CheckpointFile.write(folder, checkpoint));
    assertThat(read.model()).isEqualTo("tiny");
    assertThat(read.progress())
        .isEqualTo(new Progress(3, 2, 17, 1L << 60, 1L << 50, 0.5, null, 1L));
    assertThat(read.metrics()).isEqualTo(SUMS);
    assertThat(read.shapes()).isEqualTo(checkpoint.shapes());
    assertThat(read.history()).isEqualTo(LayerHistory.NONE);
    assertSame(read.state(), checkpoint.state());
  }

  @Test
  void whatMetricsByLayerRememberIsReadAgain() throws IOException {
    LayerHistory history =
        new LayerHistory(
            Map.of(
                "linear1.weight",
                Connectivity.ofPositions(5, 4, new long[] {1, 2, 5, 6, 13, 16, 17, 19}),
                "classifier.weight",
                Connectivity.dense(3, 5)),
            Map.of("linear1.weight", 3L));
    Checkpoint remembering =
        new Checkpoint(
            checkpoint.model(),
            checkpoint.progress(),
            SUMS,
            history,
            WeightAverage.NONE,
            checkpoint.shapes(),
            checkpoint.state());
    Checkpoint read = CheckpointFile.read(CheckpointFile.write(folder, remembering));
    assertThat(read.history()).isEqualTo(history);
    assertSame(read.state(), checkpoint.state());
  }

  private Checkpoint averaging(WeightAverage average) {
    return new Checkpoint(
        checkpoint.model(),
        checkpoint.progress(),
        SUMS,
        LayerHistory.NONE,
        average,
        checkpoint.shapes(),
        checkpoint.state());
  }

  @Test
  void anAverageOfWeightsIsReadAgain() throws IOException {
    WeightAverage average;
    try (Session session = open(7)) {
      average = WeightAverage.NONE.plus(NETWORK, session).plus(NETWORK, session);
    }
    Checkpoint read = CheckpointFile.read(CheckpointFile.write(folder, averaging(average)));
    assertThat(read.average().count()).isEqualTo(2);
    assertThat(read.average()).usingRecursiveComparison().isEqualTo(average);
    assertSame(read.state(), checkpoint.state());
    assertThat(CheckpointFile.read(CheckpointFile.write(folder, checkpoint)).average())
        .isEqualTo(WeightAverage.NONE);
  }

  @Test
  void anAverageThatLacksATensorIsRefused() throws IOException {
    WeightAverage part = new WeightAverage(1, Map.of("classifier.bias", new float[3]));
    Path file = CheckpointFile.write(folder, averaging(part));
    assertThatThrownBy(() -> CheckpointFile.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(
            "has no average of the weights, of which metadata 'weights-averaged' counts 1");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRestoredSessionContinuesToTheSameBits(boolean isAdam) throws IOException {
    OptimizerStep optimizer = isAdam ? ADAM : SGD;
    Path file = CheckpointFile.write(folder, checkpoint(3, 1, optimizer));
    try (Session restored = open(99)) {
      restored.restore(CheckpointFile.read(file).state());
      step(restored, optimizer);
      step(restored, optimizer);
      assertSame(restored.snapshot(), checkpoint(5, 1, optimizer).state());
    }
  }

  @Test
  void averagedGradientsAreReadAgain() throws IOException {
    try (Session session = open(1)) {
      session.capability(DenseTrace.class).orElseThrow().keep(0.9);
      step(session, SGD);
      Checkpoint averaging =
          Checkpoint.of(
              NETWORK,
              Progress.START,
              SUMS,
              LayerHistory.NONE,
              WeightAverage.NONE,
              session.snapshot());
      assertThat(averaging.state().traces()).containsKeys("linear1.weight", "classifier.weight");
      Path file = CheckpointFile.write(folder, averaging);
      assertSame(CheckpointFile.read(file).state(), averaging.state());
      try (Session restored = open(99)) {
        restored.restore(CheckpointFile.read(file).state());
        restored.capability(DenseTrace.class).orElseThrow().keep(0.9);
        step(restored, SGD);
        step(session, SGD);
        assertSame(restored.snapshot(), session.snapshot());
      }
    }
  }

  private static void assertSame(State actual, State expected) {
    assertThat(actual.optimizerSteps()).isEqualTo(expected.optimizerSteps());
    assertThat(actual.traces().keySet()).isEqualTo(expected.traces().keySet());
    actual
        .traces()
        .forEach(
            (name, trace) -> assertThat(trace).as(name).isEqualTo(expected.traces().get(name)));
    assertThat(actual.tensors().keySet()).isEqualTo(expected.tensors().keySet());
    actual
        .tensors()
        .forEach(
            (name, tensor) ->
                assertThat(tensor)
                    .as(name)
                    .usingRecursiveComparison()
                    .isEqualTo(expected.tensors().get(name)));
  }

  @Test
  void equalStatesAreEqualFiles() throws IOException {
    Path one = CheckpointFile.write(folder.resolve("one"), checkpoint);
    Path other = CheckpointFile.write(folder.resolve("other"), checkpoint(3, 1));
    assertThat(other).hasSameBinaryContentAs(one);
    assertThat(tensors(other)).hasSameBinaryContentAs(tensors(one));
    assertThat(folder.resolve("one")).isDirectoryNotContaining("glob:**.tmp");
    Path different = CheckpointFile.write(folder.resolve("different"), checkpoint(3, 2));
    assertThat(Files.readAllBytes(tensors(different)))
        .isNotEqualTo(Files.readAllBytes(tensors(one)));
  }

  @Test
  void tensorsFollowTheSafetensorsFormat() throws IOException {
    Path file = CheckpointFile.write(folder, checkpoint);
    assertThat(file).hasFileName("step-0000000003.json");
    ByteBuffer bytes =
        ByteBuffer.wrap(Files.readAllBytes(tensors(file))).order(ByteOrder.LITTLE_ENDIAN);
    byte[] header = new byte[(int) bytes.getLong()];
    bytes.get(header);
    assertThat(new String(header, StandardCharsets.UTF_8))
        .startsWith(
            "{\"__metadata__\":{\"classifier.weight.shape\":\"3,5\",\"linear1.weight.shape\":\"5,4\","
                + "\"optimizer-steps\":\"3\"},"
                + "\"linear1.weight.rows\":{\"dtype\":\"I64\",\"shape\":[6],\"data_offsets\":[0,48]},"
                + "\"classifier.bias.momentum\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[48,60]},")
        .contains("\"classifier.weight.values\":{\"dtype\":\"F32\",\"shape\":[3,5],")
        .contains("\"linear1.weight.values\":{\"dtype\":\"F32\",\"shape\":[6],")
        .contains("\"linear1.weight.columns\":{\"dtype\":\"I32\",\"shape\":[6],")
        .contains("\"norm1.running-mean.values\"")
        .doesNotContain("norm1.running-mean.momentum", ".variance\"")
        .hasSizeGreaterThan(8);
    assertThat(header.length % 8).isZero();
    assertThat(LongStream.range(0, 6).map(i -> bytes.getLong()).toArray())
        .containsExactly(0, 2, 3, 3, 4, 6);
  }

  @Test
  void aCheckpointOfTheSameStepIsReplaced() throws IOException {
    CheckpointFile.write(folder, checkpoint(3, 2));
    Path file = CheckpointFile.write(folder, checkpoint);
    assertSame(CheckpointFile.read(file).state(), checkpoint.state());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 7, 8, 100, 900, -1})
  void aChangedByteIsFound(int at) throws IOException {
    Path file = CheckpointFile.write(folder, checkpoint);
    byte[] bytes = Files.readAllBytes(tensors(file));
    bytes[at < 0 ? bytes.length - 1 : at] ^= 1;
    Files.write(tensors(file), bytes);
    assertThatThrownBy(() -> CheckpointFile.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("step-0000000003.safetensors is damaged: its SHA-256");
  }

  @Test
  void aShorterFileIsFound() throws IOException {
    Path file = CheckpointFile.write(folder, checkpoint);
    byte[] bytes = Files.readAllBytes(tensors(file));
    Files.write(tensors(file), Arrays.copyOf(bytes, bytes.length - 1));
    assertThatThrownBy(() -> CheckpointFile.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is damaged: it has %d bytes".formatted(bytes.length - 1));
  }

  @Test
  void missingTensorsAreFound() throws IOException {
    Path file = CheckpointFile.write(folder, checkpoint);
    Files.delete(tensors(file));
    assertThatThrownBy(() -> CheckpointFile.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is damaged: ")
        .hasMessageEndingWith("step-0000000003.safetensors is missing");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "\"dtype\":\"I64\" | \"dtype\":\"F64\" | 'linear1.weight.rows' is not described",
        "\"shape\":[6] | \"shape\":[7] | has offsets [0, 48]",
        "\"data_offsets\":[0,48] | \"data_offsets\":[8,56] | begins at",
        "\"data_offsets\":[0,48] | \"data_offsets\":[-1,9] | extent or offset -1",
        "linear1.weight.rows | linear1.weight.rowz | belongs to no values",
        "\"5,4\" | \"4,4\" | tensor 'linear1.weight': connectivity of 4 rows",
        "\"3,5\" | \"3,0\" | is no shape",
        "\"3,5\" | \"3,6\" | has 15 values",
        "linear1.bias.momentum | linear1.bias.variances | belongs to no values",
        "optimizer-steps\":\"3 | optimizer-steps\":\"-1 | must be a number of steps, not -1",
        "optimizer-steps | optimizer_steps | must be a number of steps, not nothing",
        "\"__metadata__\" | \"__metadatb__\" | is not described",
        "[3,5] | [3,99999999999999999999] | extent or offset"
      })
  void aWrongHeaderIsFound(String from, String to, String message) throws Exception {
    Path file = CheckpointFile.write(folder, checkpoint);
    ByteBuffer bytes =
        ByteBuffer.wrap(Files.readAllBytes(tensors(file))).order(ByteOrder.LITTLE_ENDIAN);
    byte[] header = new byte[(int) bytes.getLong()];
    bytes.get(header);
    String changed =
        new String(header, StandardCharsets.UTF_8).replaceFirst(Pattern.quote(from), to);
    assertThat(changed).contains(to);
    ByteBuffer wrong =
        ByteBuffer.allocate(Long.BYTES + changed.length() + bytes.remaining())
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(changed.length())
            .put(changed.getBytes(StandardCharsets.UTF_8))
            .put(bytes);
    rewrite(file, wrong.array());
    assertThatThrownBy(() -> CheckpointFile.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is damaged: ")
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 0, 1, 1L << 20, 1L << 40, Long.MAX_VALUE})
  void aHeaderOfAnyClaimedLengthTakesNoMemory(long length) throws Exception {
    Path file = CheckpointFile.write(folder, checkpoint);
    byte[] bytes = Files.readAllBytes(tensors(file));
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
    rewrite(file, bytes);
    assertThatThrownBy(() -> CheckpointFile.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is damaged: a header of %d bytes".formatted(length));
  }

  @Test
  void damagedTensorsGiveClearErrorsOrValidCheckpoints() throws Exception {
    Path file = CheckpointFile.write(folder, checkpoint);
    int refused =
        Damage.ofText(
                "tensors", "\\n", "-1", "[", "{}", "9223372036854775807", "null", "I32", ".rows")
            .refusals(
                Damage.VERSIONS / 2,
                Files.readAllBytes(tensors(file)),
                IOException.class,
                tensors(file) + " is damaged: ",
                damaged -> {
                  rewrite(file, damaged);
                  assertThat(CheckpointFile.read(file).state().tensors()).isNotEmpty();
                });
    assertThat(refused).isBetween(Damage.VERSIONS / 10, Damage.VERSIONS / 2 - 1);
  }

  @Test
  void damagedDescriptionsGiveClearErrorsOrValidCheckpoints() throws Exception {
    Path file = CheckpointFile.write(folder, checkpoint);
    int refused =
        Damage.ofText(
                "description", "\\n", "-1", "[", "{}", "null", "1e999", "\"step\":", "0.5", ",")
            .refusals(
                Damage.VERSIONS / 2,
                Files.readAllBytes(file),
                IOException.class,
                folder.resolve("step-0000000003").toString(),
                damaged -> {
                  Files.write(file, damaged);
                  assertThat(CheckpointFile.read(file).progress().step()).isNotNegative();
                });
    assertThat(refused).isBetween(Damage.VERSIONS / 10, Damage.VERSIONS / 2 - 1);
  }

  @Test
  void aWrongDescriptionIsFound() throws IOException {
    Path file = CheckpointFile.write(folder, checkpoint);
    String text = Files.readString(file);
    for (String wrong :
        new String[] {
          "",
          "[]",
          "null",
          text.replace("checkpoint-2", "checkpoint-9"),
          text.replace("\"step\":3", "\"step\":-3"),
          text.replace("\"sha256\"", "\"sha257\""),
          text.replace("\"model\":\"tiny\"", "\"model\":null"),
          text.replaceAll("\"progress\":\\{[^}]*}", "\"progress\":null"),
          text.replaceAll("\"metrics\":\\{[^}]*}", "\"metrics\":null"),
          text + text
        }) {
      Files.writeString(file, wrong);
      assertThatThrownBy(() -> CheckpointFile.read(file))
          .as(wrong)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("step-0000000003.json");
    }
  }

  private static Path tensors(Path description) {
    return description.resolveSibling(
        description.getFileName().toString().replace(".json", ".safetensors"));
  }

  /** Changes the tensors' file, and the description so that it vouches for it. */
  private static void rewrite(Path description, byte[] bytes) throws Exception {
    Files.write(tensors(description), bytes);
    String sum = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    String text = Files.readString(description);
    Files.writeString(
        description,
        text.replaceFirst("\"bytes\":\\d+", "\"bytes\":" + bytes.length)
            .replaceFirst("\"sha256\":\"\\w+\"", "\"sha256\":\"" + sum + "\""));
  }
}
