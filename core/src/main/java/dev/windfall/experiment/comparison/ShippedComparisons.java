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
          List.of(
              "lenet-5-fashion-mnist",
              "shapes-inference-flops",
              "report-wrn-22-2-cifar-10-validation",
              "report-wrn-22-2-cifar-10-full-data",
              "report-redistribution-wrn-22-2-cifar-10-validation",
              "report-resnet-50-cifar-100-validation",
              "rigl-wrn-22-2-cifar-10-full-data",
              "rigl-resnet-50-imagenet-full-data",
              "rigl-resnet-50-imagenet-lottery-full-data",
              "rigl-mobilenet-v1-imagenet-full-data",
              "rigl-mobilenet-v1-imagenet-big-sparse-full-data",
              "rigl-mobilenet-v1-imagenet-long-full-data"));

  private ShippedComparisons() {}
}
