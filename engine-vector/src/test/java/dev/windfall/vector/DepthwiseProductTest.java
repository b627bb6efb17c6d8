package dev.windfall.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.windfall.engine.Growth;
import dev.windfall.engine.Mode;
import dev.windfall.network.Layer;
import dev.windfall.network.Parameter;
import dev.windfall.network.Shape;
import dev.windfall.random.StatelessRandom;
import dev.windfall.sparsity.Connectivity;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A depthwise convolution row by row gives the bits that it gives as a sparse layer in tiles. */
final class DepthwiseProductTest {

  private static final int SAMPLES = 17;

  /** A layer with random numbers in its buffers. */
  private record Bed(SparseWeights weights, Buffer in, Buffer out, Buffer gradient, Pass pass) {

    static Bed of(Layer.Conv2d conv, Shape shape, Arena arena, Crew crew) {
      Geometry input = Geometry.of(shape, conv.padding());
      Geometry output = Geometry.of(conv.output(List.of(shape)), 0);
      Buffer in = new Buffer(input, false);
      Buffer out = new Buffer(output, true);
      Buffer gradient = new Buffer(output.withHalo(2 - conv.padding()), false);
      List<Buffer> buffers = List.of(in, out, gradient);
      buffers.forEach(buffer -> buffer.use(0));
      MemoryPlan plan = new MemoryPlan(SAMPLES);
      plan.place(buffers);
      long scratchBytes = 9L * 64 * Geometry.PIXEL_BYTES;
      long scratch = plan.reserve(crew.size() * scratchBytes);
      MemorySegment memory = arena.allocate(plan.bytes(), Geometry.PIXEL_BYTES);
      Machine machine =
          new Machine(memory, new VectorKernels(), crew, new Stopwatch(), 0, scratch, scratchBytes);
      Pass pass = new Pass(machine, SAMPLES, Mode.TRAIN, 0, new long[SAMPLES], Growth.NONE);
      fill(memory, in, 1);
      fill(memory, gradient, 2);
      Parameter weight = conv.parameters("layer", shape).getFirst();
      SparseWeights weights =
          new SparseWeights(
              weight,
              InputWindow.of(conv, input),
              gradient.geometry(),
              Connectivity.dense(weight.rows(), weight.rowLength()));
      for (int k = 0; k < weights.count(); k++) {
        weights.values()[k] = StatelessRandom.gaussianAt(3, k);
      }
      return new Bed(weights, in, out, gradient, pass);
    }

    private static void fill(MemorySegment memory, Buffer buffer, long seed) {
      Geometry geometry = buffer.geometry();
      long number = 0;
      for (int block = 0; block < geometry.blocks(SAMPLES); block++) {
        for (int row = 0; row < geometry.height(); row++) {
          for (int channel = 0; channel < geometry.channels(); channel++) {
            long place = buffer.at(block, row, channel, 0);
            for (int i = 0; i < geometry.width() * Geometry.LANES; i++) {
              memory.set(JAVA_FLOAT, place + 4L * i, StatelessRandom.gaussianAt(seed, number++));
            }
          }
        }
      }
    }

    List<Float> read(Buffer buffer) {
      List<Float> values = new ArrayList<>();
      Geometry geometry = buffer.geometry();
      for (int block = 0; block < geometry.blocks(SAMPLES); block++) {
        for (int row = 0; row < geometry.height(); row++) {
          for (int channel = 0; channel < geometry.channels(); channel++) {
            long place = buffer.at(block, row, channel, 0);
            for (int i = 0; i < geometry.width() * Geometry.LANES; i++) {
              values.add(pass.memory().get(JAVA_FLOAT, place + 4L * i));
            }
          }
        }
      }
      return values;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 0, 3, 3",
    "1, 1, 1, 2",
    "1, 1, 7, 9",
    "1, 2, 4, 5",
    "1, 1, 5, 17",
    "2, 1, 8, 9",
    "2, 0, 9, 20"
  })
  void rowsGiveTheBitsOfTiles(int stride, int padding, int height, int width) {
    int channels = 11;
    Layer.Conv2d conv = new Layer.Conv2d(channels, 3, stride, padding, channels, false);
    try (Arena arena = Arena.ofShared();
        Crew crew = new Crew(2)) {
      Bed bed = Bed.of(conv, new Shape(channels, height, width), arena, crew);
      DepthwiseProduct product = new DepthwiseProduct(bed.weights(), bed.in(), bed.out());
      new ForwardProduct(bed.weights(), bed.in(), bed.out()).run(bed.pass(), null, null);
      List<Float> tiles = bed.read(bed.out());
      assertThat(product.isBetter()).isEqualTo(bed.out().geometry().width() > Geometry.TILE);
      product.forward(bed.pass(), null);
      assertThat(bed.read(bed.out())).isEqualTo(tiles);
      assertThat(product.isBetterBack()).isEqualTo(product.isBetter() && stride == 1);
      if (stride == 1) {
        new InputGradient(bed.weights(), new WorkArray())
            .run(bed.pass(), bed.gradient(), new BackwardPlan.Target(bed.in(), false), null);
        List<Float> ofInput = bed.read(bed.in());
        product.inputGradient(bed.pass(), bed.gradient(), bed.in(), null);
        assertThat(bed.read(bed.in())).isEqualTo(ofInput);
      }
    }
  }

  @Test
  void otherLayersAreNotItsBusiness() {
    Shape input = new Shape(6, 15, 15);
    List<Layer.Conv2d> others =
        List.of(
            new Layer.Conv2d(6, 3, 1, 1, false),
            new Layer.Conv2d(6, 5, 1, 2, 6, false),
            new Layer.Conv2d(12, 3, 1, 1, 6, false),
            new Layer.Conv2d(6, 3, 1, 1, 3, false));
    for (Layer.Conv2d conv : others) {
      Parameter weight = conv.parameters("layer", input).getFirst();
      Geometry geometry = Geometry.of(input, conv.padding());
      SparseWeights weights =
          new SparseWeights(
              weight,
              InputWindow.of(conv, geometry),
              geometry,
              Connectivity.dense(weight.rows(), weight.rowLength()));
      Buffer buffer = new Buffer(geometry, false);
      assertThat(new DepthwiseProduct(weights, buffer, buffer).isBetter()).as("%s", conv).isFalse();
    }
  }
}
