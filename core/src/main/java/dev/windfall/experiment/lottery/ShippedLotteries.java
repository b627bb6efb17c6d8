package dev.windfall.experiment.lottery;

import dev.windfall.experiment.ShippedFiles;
import java.util.List;

/** The lotteries that come with Windfall. */
public final class ShippedLotteries {

  /** By name; the first is the smallest. */
  public static final ShippedFiles FILES =
      new ShippedFiles(
          ShippedLotteries.class,
          "lottery",
          List.of(
              "shapes-short",
              "wrn-16-1-fashion-mnist",
              "mobilenet-v1-fashion-mnist",
              "resnet-18-fashion-mnist",
              "resnet-18-cifar-10",
              "resnet-18-cifar-100",
              "resnet-18-tiny-imagenet",
              "resnet-34-cifar-100",
              "vgg-16-cifar-100",
              "mobilenet-v1-cifar-100"));

  private ShippedLotteries() {}
}
