package dev.windfall.experiment.lottery;

import dev.windfall.experiment.ShippedFiles;
import java.util.List;

/** The lotteries that come with Windfall. */
public final class ShippedLotteries {

  /** By name; the first is the smallest. */
  public static final ShippedFiles FILES =
      new ShippedFiles(ShippedLotteries.class, "lottery", List.of("shapes-short"));

  private ShippedLotteries() {}
}
