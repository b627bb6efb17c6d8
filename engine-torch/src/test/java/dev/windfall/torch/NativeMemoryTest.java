package dev.windfall.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.windfall.engine.Batch;
import dev.windfall.engine.Growth;
import dev.windfall.engine.Mode;
import dev.windfall.engine.Objective;
import dev.windfall.engine.OptimizerStep;
import dev.windfall.engine.Session;
import dev.windfall.engine.SessionOptions;
import dev.windfall.engine.Slot;
import dev.windfall.network.Initialization;
import dev.windfall.network.Network;
import dev.windfall.network.NetworkBuilder;
import dev.windfall.network.Shape;
import dev.windfall.sparsity.Connectivity;
import dev.windfall.sparsity.Rewiring;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Ten thousand steps leave no native memory behind. */
@EnabledOnOs(OS.LINUX)
final class NativeMemoryTest {

  /** One tensor of a number, left behind in every step, would take three times as much. */
  private static final long ALLOWED_BYTES = 1 << 20;

  private static final int ROUNDS = 10;

  /** Bytes that the process has allocated, by glibc's {@code mallinfo2}: uordblks and hblkhd. */
  @SuppressWarnings("restricted") // Tests run with native access.
  private static long allocatedBytes() throws Throwable {
    MemoryLayout[] fields = new MemoryLayout[10];
    Arrays.setAll(fields, i -> ValueLayout.JAVA_LONG.withName("field" + i));
    Linker linker = Linker.nativeLinker();
    MethodHandle mallinfo =
        linker.downcallHandle(
            linker.defaultLookup().find("mallinfo2").orElseThrow(),
            FunctionDescriptor.of(MemoryLayout.structLayout(fields)));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = (MemorySegment) mallinfo.invoke((SegmentAllocator) arena);
      return info.getAtIndex(ValueLayout.JAVA_LONG, 7) + info.getAtIndex(ValueLayout.JAVA_LONG, 4);
    }
  }

  @Test
  void doesNotGrowWithSteps() throws Throwable {
    Network network =
        new NetworkBuilder("tiny", new Shape(2, 6, 6))
            .conv("conv1", 4, 3, 1)
            .batchNorm("norm1")
            .relu("relu1")
            .dropout("dropout", 0.2)
            .globalAveragePool("pool")
            .linear("classifier", 3)
            .build();
    Map<String, Connectivity> connectivity =
        Map.of(
            "conv1.weight",
            Connectivity.ofPositions(4, 18, LongStream.range(0, 36).map(i -> 2 * i).toArray()),
            "classifier.weight",
            Connectivity.dense(3, 4));
    SessionOptions options = new SessionOptions(4, 1, 1, Initialization.HE_FAN_IN);
    try (Session session = new TorchEngine().open(network, connectivity, options)) {
      steps(session, 1000);
      long pointers = Pointer.totalCount();
      long[] readings = new long[ROUNDS];
      for (int round = 0; round < ROUNDS; round++) {
        steps(session, 1000);
        readings[round] = allocatedBytes();
        assertThat(Pointer.totalCount()).isEqualTo(pointers);
      }
      // The virtual machine and its compiler allocate too, for a while: lows are compared.
      long early = Arrays.stream(readings, 0, ROUNDS / 2).min().orElseThrow();
      long late = Arrays.stream(readings, ROUNDS / 2, ROUNDS).min().orElseThrow();
      assertThat(late - early).as(Arrays.toString(readings)).isLessThan(ALLOWED_BYTES);
    }
  }

  private static void steps(Session session, int count) {
    Objective objective = new Objective.CrossEntropy(0, Objective.SmoothingOver.ALL);
    Growth growth = new Growth(Map.of("conv1.weight", 2));
    float[] input = new float[4 * 72];
    for (int i = 0; i < input.length; i++) {
      input[i] = i * 37 % 101 * 0.02f - 1;
    }
    for (int step = 0; step < count; step++) {
      Batch batch = new Batch(input, new int[] {0, 1, 2, 0}, new long[4], 4, step);
      session.accumulate(batch, objective, Mode.TRAIN, 0.25, step % 10 == 0 ? growth : Growth.NONE);
      session.apply(new OptimizerStep.Sgd(0.01, 0.9, true, 0, false));
      if (step % 100 == 0) {
        session.rewire(List.of(swap(session.connectivity("conv1.weight"))));
        session.write("classifier.bias", Slot.VALUE, new float[3]);
      }
    }
  }

  /** The first connection moves to the first free position behind it. */
  private static Rewiring swap(Connectivity connectivity) {
    long first = connectivity.position(0);
    long free =
        LongStream.range(0, connectivity.positions())
            .map(i -> (first + i) % connectivity.positions())
            .filter(position -> !connectivity.contains(position))
            .findFirst()
            .orElseThrow();
    return new Rewiring("conv1.weight", new long[] {first}, new long[] {free}, new float[1]);
  }
}
