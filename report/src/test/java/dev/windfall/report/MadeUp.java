package dev.windfall.report;

import dev.windfall.data.Dataset;
import dev.windfall.data.ImageSet;
import dev.windfall.data.ImageShape;
import dev.windfall.data.InMemoryImageSet;
import dev.windfall.experiment.Summary;
import java.util.List;

/** Data and results that nobody has trained with. */
final class MadeUp {

  /** Black images of four pixels in two classes. */
  static final Dataset DATA = new Black();

  private MadeUp() {}

  private record Black() implements Dataset {
    @Override
    public String name() {
      return "black";
    }

    @Override
    public ImageShape shape() {
      return new ImageShape(1, 2, 2);
    }

    @Override
    public List<String> classNames() {
      return List.of("one", "other");
    }

    @Override
    public ImageSet train() {
      return new InMemoryImageSet(shape(), new byte[80], new byte[20]);
    }

    @Override
    public ImageSet test() {
      return train();
    }
  }

  /**
   * A result.
   *
   * @param weights that exist, and all
   * @param flops of a forward pass
   * @param ratio of these to the dense network's, and so of the training
   * @param added parameters that a tweak added
   */
  static Summary summary(
      String method,
      long seed,
      double accuracy,
      long steps,
      long updates,
      long[] weights,
      long flops,
      double ratio,
      long added) {
    return new Summary(
        "mlp-10",
        "black",
        method,
        "erk",
        "vector",
        seed,
        1,
        steps,
        0,
        0,
        0,
        weights[0],
        weights[1],
        accuracy,
        0.5,
        accuracy,
        accuracy,
        accuracy,
        0.1,
        flops,
        ratio,
        0,
        ratio,
        9,
        100,
        1L << 20,
        null,
        updates,
        0,
        null,
        added,
        0);
  }
}
