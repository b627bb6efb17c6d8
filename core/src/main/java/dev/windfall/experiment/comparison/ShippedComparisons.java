package dev.windfall.experiment.comparison;

import dev.windfall.experiment.ShippedFiles;
import java.util.List;

/** The comparisons that come with Windfall. */
public final class ShippedComparisons {

  /** By name. */
  public static final ShippedFiles FILES =
      new ShippedFiles(
          ShippedComparisons.class,
          "comparison",
          List.of("lenet-5-fashion-mnist", "shapes-inference-flops"));

  private ShippedComparisons() {}
}
